import { Loader, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ExampleInfo } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Safe } from '../../components/Safe.tsx'
import { QUERY } from '../../state/queries.ts'
import classes from '../Apps/Apps.module.css'

/** The bundled examples; picking one leads to its review. */
export function ExampleTiles(props: { onPick(example: ExampleInfo): void }) {
  const examples = useQuery({ queryKey: QUERY.examples, queryFn: () => control('apps.examples', {}) })
  if (examples.isError) {
    return <ErrorNotice error={examples.error} action={{ label: 'Try again', run: () => void examples.refetch() }} />
  }
  if (examples.data === undefined) return <Loader size="sm" aria-label="Loading examples" />
  return (
    <ul className={classes.examples} aria-label="Examples">
      {examples.data.map((example) => (
        <li key={example.name}>
          <UnstyledButton className={classes.example} onClick={() => props.onPick(example)}>
            <AppIcon icon={example.icon} title={example.title} colourKey={example.name} size={32} />
            <span>
              <Text component="span" fw={600} display="block">
                <Safe text={example.title} />
              </Text>
              <Text component="span" size="xs" c="dimmed" display="block">
                <Safe text={example.description} />
              </Text>
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  )
}
