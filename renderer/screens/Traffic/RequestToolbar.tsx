import { Button, Chip } from '@mantine/core'
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import type { SeenValues } from '../../../runtime/contract/filter/complete.ts'
import { CHIPS, type Chip as ChipValue } from './effective-filter.ts'
import { FilterBox, FilterProblems } from './FilterBox.tsx'
import { FilterHelp } from './FilterHelp.tsx'
import { SavedFilters } from './SavedFilters.tsx'
import classes from './Traffic.module.css'
import type { RequestsState } from './use-requests.ts'

export function RequestToolbar(props: { requests: RequestsState; seen: SeenValues; empty: boolean; onExport(): void }) {
  const { requests, seen, empty, onExport } = props
  return (
    <div className={classes.toolbar}>
      <FilterBox
        text={requests.text}
        onText={requests.setText}
        problems={requests.problems}
        seen={seen}
        tools={
          <span className={classes.tools}>
            <SavedFilters text={requests.text} onChoose={requests.setText} />
            <FilterHelp />
          </span>
        }
      />
      <Chip.Group multiple value={[...requests.chips]} onChange={(chips) => requests.setChips(chips as ChipValue[])}>
        {CHIPS.map(({ value, label }) => (
          <Chip key={value} value={value} size="xs" radius="md">
            {label}
          </Chip>
        ))}
      </Chip.Group>
      <span className={classes.spread} />
      <Button
        variant="default"
        leftSection={requests.paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
        onClick={() => requests.setPaused(!requests.paused)}
      >
        <span className={classes.word}>{requests.paused ? 'Resume' : 'Pause'}</span>
      </Button>
      <Button variant="default" leftSection={<IconTrash size={15} />} onClick={requests.clear} disabled={empty}>
        <span className={classes.word}>Clear</span>
      </Button>
      <Button variant="default" leftSection={<IconDownload size={15} />} onClick={onExport} disabled={empty}>
        <span className={classes.word}>Export</span>
      </Button>
      <FilterProblems text={requests.text} problems={requests.problems} />
    </div>
  )
}
