/**
 * A log in a scratch folder, a clock set by hand, and records as the wire makes them.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditRecord } from '../../src/audit/record.ts';

export const scratch = (): string => mkdtempSync(path.join(tmpdir(), 'noren-audit-'));
export const forget = (directory: string): void => rmSync(directory, { recursive: true, force: true });
export const start = Date.parse('2026-06-15T03:00:00Z');
export const key = Buffer.alloc(32, 7);

export const read = (more: Partial<AuditRecord> = {}): AuditRecord => ({
  time: start,
  requestId: 'request-1',
  client: 'hospital-1',
  role: 'institution',
  sender: 'Organization/hospital-1',
  token: 'token-1',
  purpose: 'TREAT',
  interaction: 'read',
  method: 'GET',
  type: 'Observation',
  id: 'o1',
  versionId: '1',
  patients: ['Patient/p1'],
  status: 200,
  address: '192.0.2.1',
  ...more,
});
