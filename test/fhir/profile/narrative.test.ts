// https://hl7.org/fhir/R4/narrative.html#xhtml (txt-1, txt-2); attack: script, event handler, javascript: link, external css or image
import { describe, expect, test } from '@jest/globals';
import { narrativeFault } from '../../../src/fhir/profile/narrative.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { cpuTime } from '../../cpu-time.ts';
import { patient } from './good.ts';

const div = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

describe('taken', () => {
  test.each([
    'text',
    '<p>a<br/>b</p><p title="&quot;x&quot;">&lt;c&gt; &amp; &#160;&#x3042;</p>',
    '<table class="grid" border="1"><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan="2" style="color: red; padding:0">b</td></tr></tbody></table>',
    '<a href="http://a.example/x?y=1&amp;z=2">a</a><a name="b"/><a href="#b">c</a><a href="Patient/1">d</a><a href="mailto:a@b.example">e</a>',
    '<img src="#pic" alt="p"/>',
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="p"/>',
    '<!-- a comment --><p>x</p>',
    '<ul><li><b>a</b></li></ul>\n<hr/>',
    "<p lang='ja' xml:lang='ja'>あ</p>",
  ])('%s', inner => expect(narrativeFault(div(inner))).toBeUndefined());
});

describe('refused', () => {
  test.each([
    ['a script', '<script>alert(1)</script>'],
    ['a script with spaces', '<script >alert(1)</script>'],
    ['a script in capitals', '<SCRIPT>alert(1)</SCRIPT>'],
    ['a form', '<form action="http://a.example"><input type="text"/></form>'],
    ['a frame', '<iframe src="http://a.example"></iframe>'],
    ['an object', '<object data="x"></object>'],
    ['an svg', '<svg><script>1</script></svg>'],
    ['a style element', '<style>p{}</style>'],
    ['a link element', '<link rel="stylesheet" href="http://a.example/x.css"/>'],
    ['an event handler', '<p onclick="x()">a</p>'],
    ['an event handler in capitals', '<p ONCLICK="x()">a</p>'],
    ['an event handler of an image', '<img src="#x" onerror="x()"/>'],
    ['a javascript link', '<a href="javascript:x()">a</a>'],
    ['a javascript link in disguise', '<a href=" java&#115;cript:x()">a</a>'],
    ['a javascript link with a tab in it', '<a href="java&#9;script:x()">a</a>'],
    ['a vbscript link', '<a href="vbscript:x">a</a>'],
    ['a data link', '<a href="data:text/html;base64,AAAA">a</a>'],
    ['an external image', '<img src="http://a.example/x.png"/>'],
    ['an external image without a scheme', '<img src="//a.example/x.png"/>'],
    ['the same with a tab in it', '<img src="/&#9;/a.example/x.png"/>'],
    ['the same with a line break in it', '<img src="/\n/a.example/x.png"/>'],
    ['the same behind a scheme with a tab in it', '<img src="ht&#9;tp&#10;:/&#13;/a.example/x.png"/>'],
    ['an svg as data', '<img src="data:image/svg+xml;base64,AAAA"/>'],
    ['an external image in a style', '<p style="background: url(http://a.example/x.png)">a</p>'],
    ['an external image in a style without its url', '<p style="background: image(\'http://a.example/x.png\')">a</p>'],
    ['the same in disguise', '<p style="background: u\\72l(http://a.example/x.png)">a</p>'],
    ['the same behind an entity', '<p style="background: u&#114;l(http://a.example)">a</p>'],
    ['an expression in a style', '<p style="width: expression(x())">a</p>'],
    ['an import in a style', '<p style="@import \'x\'">a</p>'],
    ['an open element', '<p>a'],
    ['elements that cross', '<b><i>a</b></i>'],
    ['an attribute without quotes', '<p class=a>b</p>'],
    ['an attribute without value', '<td nowrap>b</td>'],
    ['an attribute twice', '<p class="a" class="b">c</p>'],
    ['an entity of HTML', '<p>&nbsp;</p>'],
    ['a bare ampersand', '<p>a & b</p>'],
    ['a character that is none', '<p>&#0;</p>'],
    ['an entity declaration', '<!DOCTYPE x [<!ENTITY a "b">]><p>&a;</p>'],
    ['a CDATA section', '<p><![CDATA[<script>1</script>]]></p>'],
    ['a processing instruction', '<?php x ?><p>a</p>'],
    ['a comment that HTML ends early', '<!--><img src="x" onerror="x()"/>--><p>a</p>'],
    ['a comment that XML forbids', '<!-- a -- b --><p>a</p>'],
    ['nothing', ''],
    ['blanks', '<p> \n </p>'],
  ])('%s', (_name, inner) => expect(narrativeFault(div(inner))).toBeDefined());

  test.each([
    ['no div', '<p xmlns="http://www.w3.org/1999/xhtml">a</p>'],
    ['no namespace', '<div>a</div>'],
    ['another namespace', '<div xmlns="http://a.example">a</div>'],
    ['two divs', div('a') + div('b')],
    ['a text after it', div('a') + 'b'],
    ['a text before it', 'b' + div('a')],
    ['a text alone', 'a'],
    ['an empty div', '<div xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['an element whose name begins so', '<divan xmlns="http://www.w3.org/1999/xhtml">a</divan>'],
    ['an event handler of the div', '<div xmlns="http://www.w3.org/1999/xhtml" onload="x()">a</div>'],
  ])('%s', (_name, text) => expect(narrativeFault(text)).toBeDefined());
});

test('a resource with an unsafe narrative is refused with its rule, and without a piece of it', () => {
  const [finding, ...more] = validate({ ...patient(), text: { status: 'generated', div: div('<script>山田</script>') } });
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ kind: 'unsafe-narrative', expression: 'Patient.text.div' });
  expect(finding!.text).toMatch(/^txt-1: /);
  expect(finding!.text).not.toMatch(/山田|script/);
});

test('long and hostile narratives are judged at once', () => {
  const start = cpuTime();
  narrativeFault(div('<p>a</p>'.repeat(100_000)));
  narrativeFault(div('<b>'.repeat(200_000)));
  narrativeFault(div('<p style="' + 'url(a'.repeat(100_000) + '">a</p>'));
  narrativeFault(div('<p ' + 'class="a" '.repeat(5000)));
  narrativeFault(div('&'.repeat(500_000)));
  narrativeFault(div('<!--'.repeat(200_000)));
  narrativeFault(div(`<p${' '.repeat(500_000)}x`));
  expect(cpuTime() - start).toBeLessThan(2000);
});
