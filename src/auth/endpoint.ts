/**
 * Answers of the endpoints that are no pages: JSON, never kept by anybody.
 * RFC 6749 §5.1 (Cache-Control, Pragma); Fetch: https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
import type { ServerResponse } from 'node:http';

export function preflight(response: ServerResponse, method: string): void {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': method,
    'Access-Control-Allow-Headers': 'Accept, Authorization, Content-Type',
    'Access-Control-Max-Age': '600',
  });
  response.end();
}

export function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    ...headers,
  });
  response.end(JSON.stringify(body));
}
