import { Group, Loader, Radio, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { control } from '../../api.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { visible } from '../../format/text.ts'
import { QUERY } from '../../state/queries.ts'
import classes from './Install.module.css'

/** The bundled examples inside the dialog: one of them is chosen like any other source. */
export function ExampleChoice(props: { value: string; onChange(source: string): void }) {
  const examples = useQuery({ queryKey: QUERY.examples, queryFn: () => control('apps.examples', {}) })
  if (examples.isError) {
    return <ErrorNotice error={examples.error} action={{ label: 'Try again', run: () => void examples.refetch() }} />
  }
  if (examples.data === undefined) return <Loader size="sm" aria-label="Loading examples" />
  return (
    <Radio.Group value={props.value} onChange={props.onChange} aria-label="Example">
      <div className={classes.choices}>
        {examples.data.map((example) => (
          <Radio.Card
            key={example.name}
            value={example.sourceUrl}
            className={classes.choice}
            aria-label={visible(example.title)}
          >
            <Group wrap="nowrap" gap="sm" align="flex-start">
              <AppIcon icon={example.icon} title={example.title} colourKey={example.name} size={32} />
              <div className={classes.choiceText}>
                <Text fw={600}>{visible(example.title)}</Text>
                <Text size="xs" c="dimmed">
                  {visible(example.description)}
                </Text>
              </div>
              <Radio.Indicator size="xs" />
            </Group>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}
