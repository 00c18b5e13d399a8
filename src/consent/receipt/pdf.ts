/**
 * A receipt as one page of tagged PDF with its own font, the same bytes for the same words and time.
 * ISO 32000 and PDF/UA (structure, language, title); the font: docs/decisions/0015-receipt.md
 * @module
 */
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import type { Words } from './words.ts';

const regular = fileURLToPath(import.meta.resolve('@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf'));
const bold = fileURLToPath(import.meta.resolve('@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf'));

/** A4 in points. */
const left = 56;
const width = 595.28 - 2 * left;

/** @param created milliseconds that the file says it was made at */
export async function pdfOf(words: Words, language: 'ja' | 'en', created: number): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: left,
    pdfVersion: '1.7',
    tagged: true,
    lang: language,
    displayTitle: true,
    info: { Title: words.title, Author: 'Noren', CreationDate: new Date(created), ModDate: new Date(created) },
    font: regular,
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  document.registerFont('regular', regular).registerFont('bold', bold);
  const whole = document.struct('Document');
  document.addStructure(whole);
  const says = (tag: string, draw: () => void): void => {
    whole.add(document.struct(tag, {}, draw));
  };

  says('H1', () => document.font('bold').fontSize(18).text(words.title, left, 64, { width }));
  let y = 112;
  for (const [label, value] of words.rows) {
    says('P', () => {
      document.font('regular').fontSize(9.5).fillColor('#444444').text(label, left, y, { width: 150 });
      document
        .font('bold')
        .fontSize(11)
        .fillColor('#000000')
        .text(value, left + 156, y, { width: width - 156 });
    });
    y = Math.max(y + 22, document.y + 7);
  }
  y += 14;
  for (const { heading, text } of words.paragraphs) {
    says('H2', () => document.font('bold').fontSize(12).fillColor('#000000').text(heading, left, y, { width }));
    says('P', () =>
      document
        .font('regular')
        .fontSize(10.5)
        .text(text, left, document.y + 4, { width, lineGap: 4 }),
    );
    y = document.y + 14;
  }
  says('P', () =>
    document
      .font('regular')
      .fontSize(8.5)
      .fillColor('#444444')
      .text(words.foot, left, y + 8, { width, lineGap: 4 }),
  );
  whole.end();
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
