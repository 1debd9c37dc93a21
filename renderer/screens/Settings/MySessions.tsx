import { Loader } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { SessionTable } from '../../components/SessionTable.tsx'
import { QUERY, queryClient } from '../../state/queries.ts'
import classes from './Settings.module.css'

/** Where this person is signed in; each can be ended but the one that is looked at. */
export function MySessions() {
  const sessions = useQuery({
    queryKey: QUERY.mySessions,
    queryFn: () => control('me.sessions', {}),
    refetchOnMount: 'always',
  })
  const end = useMutation({
    mutationFn: (id: string) => control('me.endSession', { id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: QUERY.mySessions }),
  })
  if (sessions.isError) {
    return <ErrorNotice error={sessions.error} action={{ label: 'Try again', run: () => void sessions.refetch() }} />
  }
  if (sessions.data === undefined) return <Loader size="sm" aria-label="Loading sessions" />
  return (
    <div className={`${classes.box} ${classes.flush}`}>
      <SessionTable
        sessions={sessions.data}
        ending={end.isPending ? end.variables : null}
        onEnd={(id) => end.mutate(id)}
      />
    </div>
  )
}
