import { useState } from 'react'
import { colourOfKey } from '../format/colour.ts'
import { initial } from '../format/text.ts'
import classes from './icons.module.css'

/** The app's own icon, else the first letter of its title on a colour of its own. Decoration: the title stands beside. */
export function AppIcon(props: { icon: string | null; title: string; colourKey: string; size: number }) {
  const { icon, title, colourKey, size } = props
  const box = { width: size, height: size, fontSize: Math.round(size * 0.5) }
  const [broken, setBroken] = useState<string | null>(null)
  // Icons come as data: URLs from the host; anything else would be an address that the window must not ask for.
  if (icon?.startsWith('data:image/') && icon !== broken) {
    return (
      <span className={classes.tile} style={box} aria-hidden="true">
        <img src={icon} alt="" draggable={false} onError={() => setBroken(icon)} />
      </span>
    )
  }
  return (
    <span
      className={classes.tile}
      style={{ ...box, background: colourOfKey(colourKey) }}
      data-initial={initial(title)}
      aria-hidden="true"
    />
  )
}

export function UserAvatar(props: { userKey: string; name: string; size: number }) {
  const { userKey, name, size } = props
  return (
    <span
      className={`${classes.tile} ${classes.round}`}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.48), background: colourOfKey(userKey) }}
      data-initial={initial(name)}
      aria-hidden="true"
    />
  )
}
