/**
 * The ceiling of a read: Express 5, one route, a Buffer of the given size.
 * @module
 */
import type { AddressInfo } from 'node:net';
import express from 'express';

const body = Buffer.alloc(Number(process.argv[2]), 120);
const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.get('/', (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': body.length });
  response.end(body);
});
const server = app.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
