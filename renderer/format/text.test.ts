import { describe, expect, test } from 'vitest'
import { initial, plural, visible, visibleLogLine } from './text.ts'

describe('text from outside', () => {
  test('A29: control characters and direction marks become visible stand-ins', () => {
    expect(visible('\u001b[31mred\u001b[0m')).toBe('[ESC][31mred[ESC][0m')
    expect(visible('photo\u202egnp.exe')).toBe('photo[U+202E]gnp.exe')
    expect(visible('a\u0000b\u007fc\u009bd')).toBe('a[NUL]b[U+007F]c[U+009B]d')
    expect(visible('one\r\ntwo\u2028three')).toBe('one[CR][LF]two[U+2028]three')
  })

  test.each([...'\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad'])(
    'A29: nothing of %j is left that acts unseen',
    (mark) => {
      expect(visible(`a${mark}b`)).toMatch(/^a\[U\+[0-9A-F]{4}\]b$/)
    },
  )

  test('A29: HTML stays the text that it is, for React to write', () => {
    expect(visible('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>')
  })

  test('ordinary text of any script, with joined emoji, stays as it is', () => {
    for (const text of ['Grüße, 世界', 'مرحبا', '👩‍💻 code', 'naïve café']) expect(visible(text)).toBe(text)
  })

  test('A29: a log line loses its colours, keeps its tabs as blanks, and shows every other control character', () => {
    expect(visibleLogLine('\u001b[1;31mError:\u001b[0m\tno')).toBe('Error:    no')
    expect(visibleLogLine('\u001b]0;title\u0007\u001b[2J')).toBe('[ESC]]0;title[BEL][ESC][2J')
  })
})

test('the initial of a title is its first letter or digit', () => {
  expect(initial('notes')).toBe('N')
  expect(initial('  [élan]')).toBe('É')
  expect(initial('42')).toBe('4')
  expect(initial('!?')).toBe('?')
})

test('counts come with their word', () => {
  expect(plural(1, 'app')).toBe('1 app')
  expect(plural(0, 'app')).toBe('0 apps')
  expect(plural(1200, 'entry', 'entries')).toBe('1,200 entries')
})
