import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { desktop, toCallError } from '../api.ts'
import { notifyError } from './notify.tsx'

/** Puts a text on the clipboard and says so. */
export function CopyButton(props: { text: string; label: string; size?: number }) {
  const { text, label, size = 26 } = props
  const [copied, setCopied] = useState(false)

  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = () => {
    desktop('desktop.copyText', { text }).then(
      () => setCopied(true),
      (error: unknown) => notifyError(toCallError(error)),
    )
  }
  return (
    <>
      <Tooltip label={copied ? 'Copied' : label} openDelay={copied ? 0 : 350}>
        <ActionIcon aria-label={label} onClick={copy} size={size} color={copied ? 'green' : 'gray'}>
          {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      </Tooltip>
      <span role="status" className="visually-hidden">
        {copied ? 'Copied' : ''}
      </span>
    </>
  )
}
