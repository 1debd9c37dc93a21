import { expect, test } from 'vitest'
import { portProblem } from './port.ts'

test.each(['0', '8420', ' 8421 ', '65535'])('%j is a port', (text) => expect(portProblem(text)).toBeNull())
test.each(['', '-1', '65536', '84.2', '0x1F90', '８４２０', 'http'])('%j is no port', (text) =>
  expect(portProblem(text)).toBe('A port is a number from 0 to 65535.'),
)
