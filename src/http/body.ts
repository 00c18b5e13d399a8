/**
 * The body of a request → bytes, within limits that hold while it comes in and again after decompression.
 * RFC 9110 (Content-Length, Content-Encoding, 413, 415); R4: https://hl7.org/fhir/R4/http.html#mime-type
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Problem } from '../fhir/model/outcome.ts';
import type { Limits, Load } from './limits.ts';

export interface Body {
  readonly bytes: Buffer;
  /** Counted in the load; whoever has the body gives this back when it is done with. */
  readonly taken: number;
}

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.gunzip),
  'x-gzip': promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.brotliDecompress),
  zstd: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.zstdDecompress),
};

const tooLong = (limits: Pick<Limits, 'maxBodyBytes'>): Problem =>
  new Problem('too-long', `The body is larger than ${limits.maxBodyBytes} bytes.`);

/** Whether the request announces a body at all. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

/**
 * Reads a body to its end. A client that sent `Expect: 100-continue` is told to go on only now.
 * @throws Problem `too-long`, `unsupported-media-type`, `invalid-request`, `unavailable`
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: Pick<Limits, 'maxBodyBytes'>,
  load: Load,
): Promise<Body> {
  const decode = decoderOf(request);
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > limits.maxBodyBytes) throw tooLong(limits);
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  let taken = 0;
  try {
    const take = (count: number) => {
      load.takeBytes(count);
      taken += count;
    };
    const sent = await collect(request, limits, take);
    if (decode === undefined) return { bytes: sent, taken };
    const bytes = await decoded(decode, sent, limits);
    take(bytes.length);
    return { bytes, taken };
  } catch (error) {
    load.giveBytes(taken);
    throw error;
  }
}

function decoderOf(request: IncomingMessage): Decoder | undefined {
  const name = request.headers['content-encoding']?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return undefined;
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decoder === undefined) throw new Problem('unsupported-media-type', 'The Content-Encoding is none of gzip, deflate, br and zstd.');
  return decoder;
}

function collect(request: IncomingMessage, limits: Pick<Limits, 'maxBodyBytes'>, take: (count: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (error?: unknown) => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      if (error === undefined) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
      else reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      try {
        if (length > limits.maxBodyBytes) throw tooLong(limits);
        take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        settle(error);
      }
    };
    const onEnd = () => settle();
    const gone = () => new Problem('invalid-request', 'The request ended before its body did.');
    const onError = () => settle(gone());
    const onClose = () => settle(gone());
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

async function decoded(decode: Decoder, sent: Buffer, limits: Pick<Limits, 'maxBodyBytes'>): Promise<Buffer> {
  try {
    return await decode(sent, { maxOutputLength: limits.maxBodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(limits);
    throw new Problem('invalid-request', 'The body is not what its Content-Encoding says.');
  }
}

/** A refused body is not read to its end: what still comes is thrown away for this long, so that the client can read the answer, then the connection closes. */
const drainMs = 2000;

export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, drainMs);
  timer.unref();
  request.once('end', () => clearTimeout(timer));
}
