/** Draws resources/icons from its SVG files; run by hand after they change: `node electron/setup/icons.mjs`. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium } from './chromium.mjs'
import { inProject } from './folders.mjs'
import { explain, SetupError, step } from './report.mjs'
import { run } from './run.mjs'

const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 256]
/** Names of Apple's icon format for each size in pixels; two where a size also serves a screen of double density. */
const APPLE_TYPES = /** @type {const} */ ([
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic13', 256],
  ['ic09', 512],
  ['ic14', 512],
  ['ic10', 1024],
])

/** @param {string[]} segments */
const icons = (...segments) => inProject('resources', 'icons', ...segments)

try {
  await step('Drawing icons', draw)
} catch (error) {
  explain(error)
}

async function draw() {
  const sizes = [...new Set([...LINUX_SIZES, ...WINDOWS_SIZES])]
  /** @type {Map<number, Buffer>} */
  const tiles = new Map()
  for (const size of sizes) tiles.set(size, await render(icons('icon.svg'), size))
  /** @param {number} size */
  const tile = (size) => tiles.get(size) ?? Buffer.alloc(0)
  await mkdir(icons('png'), { recursive: true })
  for (const size of LINUX_SIZES) await writeFile(icons('png', `${size}x${size}.png`), tile(size))
  await writeFile(icons('icon.png'), tile(512))
  await writeFile(icons('icon.ico'), ico(WINDOWS_SIZES.map((size) => [size, tile(size)])))
  await writeFile(icons('icon.icns'), icns(APPLE_TYPES.map(([type, size]) => [type, tile(size)])))
  // The tile has its own ground, so it is legible on light and dark panels alike; macOS colours a template itself.
  for (const [suffix, scale] of /** @type {const} */ ([
    ['', 1],
    ['@2x', 2],
  ])) {
    await writeFile(icons(`tray${suffix}.png`), await render(icons('icon.svg'), 22 * scale))
    await writeFile(icons(`trayTemplate${suffix}.png`), await render(icons('tray-template.svg'), 18 * scale))
  }
}

/**
 * @param {string} svg
 * @param {number} size In pixels.
 */
async function render(svg, size) {
  const chromium = findChromium()
  if (chromium === null) throw new SetupError('Chromium is needed to draw the icons; none was found.')
  const work = await mkdtemp(join(tmpdir(), 'atek-icons-'))
  try {
    const page = join(work, 'icon.html')
    // An <img> in a page of its own: a bare SVG document would be scaled to a window that has a smallest width.
    await writeFile(
      page,
      `<style>html,body{margin:0}img{display:block}</style><img src="${pathToFileURL(svg).href}" width="${size}" height="${size}">`,
    )
    const picture = join(work, 'icon.png')
    const flags = [
      '--headless',
      '--no-sandbox',
      '--hide-scrollbars',
      '--allow-file-access-from-files',
      '--default-background-color=00000000',
    ]
    await run(
      chromium,
      [
        ...flags,
        `--user-data-dir=${work}`,
        `--window-size=${size},${size}`,
        `--screenshot=${picture}`,
        pathToFileURL(page).href,
      ],
      {
        timeout: 60_000,
        failure: 'Chromium did not draw the icon.',
      },
    )
    return await readFile(picture)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * The container of Windows icons, with PNG images in it.
 * @param {(readonly [number, Buffer])[]} images
 */
function ico(images) {
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let offset = head.length
  images.forEach(([size, png], i) => {
    const at = 6 + 16 * i
    // 0 stands for 256.
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  })
  return Buffer.concat([head, ...images.map(([, png]) => png)])
}

/**
 * The container of Apple icons, with PNG images in it.
 * @param {(readonly [string, Buffer])[]} images
 */
function icns(images) {
  const parts = images.map(([type, png]) => {
    const head = Buffer.alloc(8)
    head.write(type, 0, 'latin1')
    head.writeUInt32BE(8 + png.length, 4)
    return Buffer.concat([head, png])
  })
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write('icns', 0, 'latin1')
  head.writeUInt32BE(8 + body.length, 4)
  return Buffer.concat([head, body])
}
