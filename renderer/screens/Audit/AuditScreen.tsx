import { Button, Chip, Group, Loader, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import pageClasses from '../../components/Page.module.css'
import { Centred, Page } from '../../components/Page.tsx'
import { useTimed } from '../../components/use-now.ts'
import { dayName } from '../../format/time.ts'
import { AUDIT_PAGE, nextAuditPage } from '../../state/audit.ts'
import { QUERY } from '../../state/queries.ts'
import classes from './Audit.module.css'
import { AuditEntry } from './AuditEntry.tsx'
import { byDay } from './by-day.ts'

/** Who did what, newest first, as sentences. */
export function AuditScreen() {
  const [troubleOnly, setTroubleOnly] = useState(false)
  const audit = useInfiniteQuery({
    queryKey: QUERY.audit,
    queryFn: ({ pageParam }) =>
      control('audit.list', pageParam === undefined ? { limit: AUDIT_PAGE } : { before: pageParam, limit: AUDIT_PAGE }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: nextAuditPage,
    // Announced rows are put in while the screen is open; what came before that is asked for.
    refetchOnMount: 'always',
  })
  const today = useTimed((now) => new Date(now).toDateString())
  const all = audit.data?.pages.flat() ?? []
  const rows = troubleOnly ? all.filter((row) => row.outcome !== 'ok') : all
  return (
    <Page
      title="Audit"
      fill
      tools={
        <Group justify="flex-end">
          <Chip size="xs" radius="md" checked={troubleOnly} onChange={setTroubleOnly}>
            Refused or failed
          </Chip>
        </Group>
      }
    >
      <div className={pageClasses.body}>
        {audit.isError && (
          <div className={pageClasses.padded}>
            <ErrorNotice error={audit.error} action={{ label: 'Try again', run: () => void audit.refetch() }} />
          </div>
        )}
        {audit.isPending && (
          <Centred>
            <Loader size="sm" aria-label="Loading the audit log" />
          </Centred>
        )}
        {audit.data !== undefined && rows.length === 0 && (
          <Centred>
            <Stack align="center" gap="sm">
              <Text>{troubleOnly ? 'Nothing was refused and nothing failed.' : 'Nothing has been done yet.'}</Text>
              {troubleOnly && (
                <Button variant="default" onClick={() => setTroubleOnly(false)}>
                  Show all
                </Button>
              )}
            </Stack>
          </Centred>
        )}
        {byDay(rows, (at) => dayName(at, Date.parse(today))).map(({ day, rows: ofDay }) => (
          <section key={day} aria-label={day}>
            <h2 className={classes.day}>{day}</h2>
            <ul className={classes.rows}>
              {ofDay.map((row) => (
                <li key={row.seq}>
                  <AuditEntry row={row} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {audit.hasNextPage && (
          <div className={classes.more}>
            <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              Show older
            </Button>
          </div>
        )}
      </div>
    </Page>
  )
}
