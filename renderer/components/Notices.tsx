import { Alert, Stack } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { visible } from '../format/text.ts'

/** Sentences that a person should know, such as a taken port; each can be put away until it changes. */
export function Notices(props: { notices: string[] }) {
  const [hidden, setHidden] = useState<readonly string[]>([])
  const shown = props.notices.filter((notice) => !hidden.includes(notice))
  if (shown.length === 0) return null
  return (
    <Stack gap={6}>
      {shown.map((notice) => (
        <Alert
          key={notice}
          color="yellow"
          variant="light"
          py={8}
          icon={<IconInfoCircle size={18} />}
          withCloseButton
          closeButtonLabel="Dismiss"
          onClose={() => setHidden((before) => [...before, notice])}
        >
          {visible(notice)}
        </Alert>
      ))}
    </Stack>
  )
}
