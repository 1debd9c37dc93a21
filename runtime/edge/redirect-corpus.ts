/**
 * Targets that have led browsers off a site through a redirect parameter, as they look after one percent-decoding
 * (A27). None may come out of `safePath` as it went in, and none may lead anywhere but to our own origin.
 */
const FOREIGN = ['evil.test', 'evil.test/path', 'evil.test@localhost', '①②⑦.0.0.1', '0x7f.1:80', '[::1]:80']

const PREFIXES = [
  '//',
  '///',
  '////',
  '/\\',
  '\\/',
  '\\\\',
  '\\',
  '/\\/',
  '/\\\\',
  '//\\',
  '/\t/',
  '/\n/',
  '/\r/',
  '/\r\n/',
  '\t//',
  ' //',
  '\u00a0//',
  '\u2028//',
  '\u0000//',
  '\u0001/',
  '/\u0000/',
  '/\u000b/',
  '/\u000c/',
  'http://',
  'https://',
  'HTTP:\\\\',
  'http:/',
  'http:',
  'hTtP://',
  'ht\ntp://',
  '\thttps://',
  ' http://',
  'ftp://',
  'ws://',
  'file://',
  'blob:http://',
  'view-source:http://',
  '//user:pass@',
  '//atek.localhost:8420@',
  '//atek.localhost.',
  '。//',
  '／／',
  '/／',
  '\ufeff//',
  '\u202e//',
]

const SCRIPTS = [
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  ' javascript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://%0aalert(1)',
  'javascript&colon;alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)',
  'mailto:a@evil.test',
  'tel:1',
  'about:blank',
]

/** A path at first, then the next header, or a second answer. */
const SPLITTING = [
  '/\r\nSet-Cookie: atek_session=x',
  '/\nLocation: http://evil.test',
  '/x\r\n\r\n<html>',
  '/x\u0000y',
  '/x y',
  '/x\u2028y',
  '/嘊嘍Set-Cookie:x',
  '/x\\..\\..\\evil.test',
]

const OTHER = [
  '',
  ' ',
  '.',
  '..',
  '../',
  './',
  'evil.test',
  'evil',
  '?x',
  '#x',
  '@evil.test',
  ':80',
  '*',
  'null',
  '%2f',
]

export const UNSAFE_TARGETS: string[] = [
  ...PREFIXES.flatMap((prefix) => FOREIGN.slice(0, 4).map((name) => prefix + name)),
  ...FOREIGN,
  ...SCRIPTS,
  ...SPLITTING,
  ...OTHER,
]

/** Look alike, stay on our origin, and must come through unchanged. */
export const SAFE_TARGETS: string[] = [
  '/',
  '/a',
  '/a/b?c=d&e=%2F#f',
  '/?next=//evil.test',
  '/?next=http://evil.test/',
  '/%2f%2fevil.test',
  '/%5cevil.test',
  '/%09/evil.test',
  '/%0d%0aSet-Cookie:x',
  '/a//b',
  '/.//evil.test',
  '/@evil.test',
  '/:80',
  '/javascript:alert(1)',
  "/a'b(c)[d]!*;,",
  '/_atek/bind-session?service=notes&path=%2Fa%3Fb%3Dc&nonce=0',
]
