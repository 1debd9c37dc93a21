import { Button, Group, Modal, Radio, Stack, Switch, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { FilterNode } from '../../../runtime/contract/filter/ast.ts'
import { printFilter } from '../../../runtime/contract/filter/print.ts'
import type { Me } from '../../../runtime/contract/models.ts'
import { desktop } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { plural, visible } from '../../format/text.ts'
import { pinsStore } from '../../state/pins.ts'
import { useStore } from '../../state/store.ts'

interface ExportProps {
  me: Me
  node: FilterNode | null
  appKey: string | null
  /** The one whose details are open. */
  selected: number | null
  onClose(): void
}

/** As many as one file takes (LIMITS.harEntries). */
const MOST = '2,000'

/** Requests as a HAR file, without secrets unless an administrator asks for them. */
export function ExportDialog(props: ExportProps) {
  return (
    <Modal opened onClose={props.onClose} title="Export requests" size="md">
      <Form {...props} />
    </Modal>
  )
}

function Form(props: ExportProps) {
  const { me, node, appKey, selected, onClose } = props
  const pins = useStore(pinsStore, (rows) => rows)
  const [which, setWhich] = useState<'shown' | 'selected' | 'pinned'>('shown')
  const [secrets, setSecrets] = useState(false)
  const save = useMutation({
    mutationFn: () =>
      desktop('desktop.exportTraffic', {
        masked: !secrets,
        ...(which === 'selected' && selected !== null && { seqs: [selected] }),
        ...(which === 'pinned' && { seqs: pins.map(({ seq }) => seq) }),
        ...(which === 'shown' && node !== null && { filter: printFilter(node) }),
        ...(which === 'shown' && appKey !== null && { appKey }),
      }),
    meta: { inline: true },
    onSuccess: (saved) => {
      if (saved === null) return
      onClose()
      const more = saved.truncated ? ` More matched; the file holds the newest ${MOST}.` : ''
      notifyDone(`${plural(saved.entries, 'request')} saved as ${visible(saved.path)}.${more}`)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text c="dimmed">
          A HAR file, which the network panel of a browser opens. It says who visited what: give it to people you trust.
        </Text>
        <Radio.Group label="Which requests" value={which} onChange={(value) => setWhich(value as typeof which)}>
          <Stack gap={6} mt={6}>
            <Radio
              value="shown"
              label={node === null ? `The newest ${MOST}` : `The newest ${MOST} that the filter shows`}
            />
            <Radio value="selected" label="The selected one" disabled={selected === null} />
            <Radio value="pinned" label={plural(pins.length, 'pinned request')} disabled={pins.length === 0} />
          </Stack>
        </Radio.Group>
        {me.user.role === 'admin' && (
          <Switch
            label="With secrets and bodies"
            description="Cookies, tokens and what people typed, as far as they are still in memory. Noted in the audit log."
            checked={secrets}
            onChange={(event) => setSecrets(event.currentTarget.checked)}
          />
        )}
        {save.isError && <ErrorNotice error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} color={secrets ? 'red' : undefined}>
            {secrets ? 'Export with secrets' : 'Export'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
