/**
 * A certificate for `keys.example` that signs itself, and its key: for servers of tests alone. Nobody else trusts it.
 * @module
 */

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIUEB6yfQmpxpyIAKSsJ8PgJFS1OPAwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMa2V5cy5leGFtcGxlMCAXDTI2MTEyOTA2MjMyMloYDzIxMjYx
MTA1MDYyMzIyWjAXMRUwEwYDVQQDDAxrZXlzLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARWamHJ1EASdPphz0q0Nz0MINncS0nNp99L3VP+5b5yog6H
XH4deYJxpw57YXpiVB86FBDWjPD/vs2aOd2oepkzo2wwajAdBgNVHQ4EFgQU95Yi
cSQLF76sChBclqWmrq8G/U8wHwYDVR0jBBgwFoAU95YicSQLF76sChBclqWmrq8G
/U8wFwYDVR0RBBAwDoIMa2V5cy5leGFtcGxlMA8GA1UdEwEB/wQFMAMBAf8wCgYI
KoZIzj0EAwIDSQAwRgIhAN371lU2+6JQ4m3HZ9oVtoxxXWT/wlQLbEsq4yhIausc
AiEA9ME5r77DpvlKu0lKj+0Zzw3csputz4okT80dCHOHtr0=
-----END CERTIFICATE-----
`;

export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUUkSIVfTsnm5ykYX
/KnxdLcKhHoVC5drgphFxeQf1JShRANCAARWamHJ1EASdPphz0q0Nz0MINncS0nN
p99L3VP+5b5yog6HXH4deYJxpw57YXpiVB86FBDWjPD/vs2aOd2oepkz
-----END PRIVATE KEY-----
`;
