const { stripTypeScriptTypes } = require('node:module');
/** The stripping of production, so that what is tested is what runs. */
module.exports = { process: source => ({ code: stripTypeScriptTypes(source) }) };
