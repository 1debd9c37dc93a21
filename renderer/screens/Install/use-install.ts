import { useCallback, useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { IdentityHeader } from '../../../runtime/contract/identity-headers.ts'
import type { InstallReview, Me } from '../../../runtime/contract/models.ts'
import { type CallError, control, toCallError } from '../../api.ts'
import { headerProblem } from '../../components/header-problem.ts'
import { type InstallRequest, type InstallTab, installDialogStore } from '../../state/install-dialog.ts'
import { dispatchInstalls } from '../../state/installs.ts'
import { justInstalledStore } from './just-installed.ts'

export type Stage =
  | { name: 'source' }
  | { name: 'reviewing'; reviewId: string }
  | { name: 'review'; review: InstallReview }
  | { name: 'installing'; review: InstallReview; error: CallError | null; cancelling: boolean }

export interface Install {
  stage: Stage
  tab: InstallTab
  source: string
  owner: string
  id: string
  allowScripts: boolean
  /** What an app at an address is told about who calls. */
  identityHeaders: IdentityHeader[]
  /** Why the last review or the chosen ID was refused. */
  error: CallError | null
  setTab(tab: InstallTab): void
  setSource(source: string): void
  setOwner(owner: string): void
  setId(id: string): void
  setAllowScripts(allow: boolean): void
  setIdentityHeaders(headers: IdentityHeader[]): void
  review(tab: InstallTab, source: string): void
  install(): void
  /** Gives up what is under way and goes back to choosing a source. */
  back(): void
  cancel(): void
  close(): void
}

/** Folders of this computer, and addresses, are for administrators (A41, C23): others begin with the next tab. */
function startTab(me: Me, request: InstallRequest): InstallTab {
  return (request.tab === 'folder' || request.tab === 'upstream') && me.user.role !== 'admin' ? 'git' : request.tab
}

/** The path of one installation, from the source to the app's page. */
export function useInstall(me: Me, request: InstallRequest): Install {
  const [, navigate] = useLocation()
  const [stage, setStage] = useState<Stage>({ name: 'source' })
  const [tab, setTabState] = useState<InstallTab>(startTab(me, request))
  const [source, setSourceState] = useState(request.source)
  const [owner, setOwner] = useState(me.user.key)
  const [id, setId] = useState('')
  const [allowScripts, setAllowScripts] = useState(false)
  const [identityHeaders, setIdentityHeaders] = useState<IdentityHeader[]>([])
  const [error, setError] = useState<CallError | null>(null)
  /** The review that the host holds for this dialog; answers to an older one are ignored. */
  const current = useRef<string | null>(null)

  const drop = useCallback(() => {
    const reviewId = current.current
    if (reviewId === null) return
    current.current = null
    dispatchInstalls({ type: 'install-forgotten', reviewId })
    // Whatever the host answers: this dialog has nothing to do with it any more.
    control('apps.cancelInstall', { reviewId }).catch(() => undefined)
  }, [])
  useEffect(() => drop, [drop])

  const review = (kind: InstallTab, from: string) => {
    drop()
    const reviewId = crypto.randomUUID()
    current.current = reviewId
    setTabState(kind)
    setSourceState(from)
    setError(null)
    setStage({ name: 'reviewing', reviewId })
    control('apps.review', { reviewId, source: from.trim(), kind }).then(
      (answer) => {
        if (current.current !== reviewId) return
        setId(answer.suggestedId)
        setAllowScripts(false)
        setStage({ name: 'review', review: answer })
      },
      (reason: unknown) => {
        if (current.current !== reviewId) return
        current.current = null
        setError(toCallError(reason))
        setStage({ name: 'source' })
      },
    )
  }

  const install = () => {
    if (stage.name !== 'review') return
    const { reviewId } = stage.review
    setError(null)
    setStage({ name: 'installing', review: stage.review, error: null, cancelling: false })
    const headers = stage.review.sourceType === 'upstream' ? { identityHeaders } : {}
    control('apps.install', { reviewId, id: id.trim(), owner, allowScripts, ...headers }).then(
      ({ key }) => {
        if (current.current !== reviewId) return
        current.current = null
        dispatchInstalls({ type: 'install-forgotten', reviewId })
        justInstalledStore.set(key)
        installDialogStore.set(null)
        navigate(`/apps/${key}`)
      },
      (reason: unknown) => {
        if (current.current !== reviewId) return
        const failure = toCallError(reason)
        // A wrong ID is mended in the review; nothing was begun.
        if (headerProblem(failure, identityHeaders) !== null) {
          // Their fields are in the first step.
          drop()
          setError(failure)
          setStage({ name: 'source' })
        } else if (failure.code === 'ID_TAKEN' || failure.code === 'BAD_INPUT') {
          setError(failure)
          setStage({ name: 'review', review: stage.review })
        } else if (failure.code === 'CANCELLED') {
          current.current = null
          setStage({ name: 'source' })
        } else setStage({ name: 'installing', review: stage.review, error: failure, cancelling: false })
      },
    )
  }

  const back = () => {
    drop()
    setStage({ name: 'source' })
  }
  const cancel = () => {
    if (stage.name !== 'installing' || current.current === null) return
    setStage({ ...stage, cancelling: true })
    control('apps.cancelInstall', { reviewId: current.current }).catch((reason: unknown) =>
      setStage({ ...stage, error: toCallError(reason), cancelling: false }),
    )
  }
  const setTab = (next: InstallTab) => {
    setTabState(next)
    setSourceState('')
    setError(null)
  }
  const setSource = (next: string) => {
    setSourceState(next)
    // What was said about the old one is not about this one.
    setError(null)
  }
  const close = () => installDialogStore.set(null)

  const values = { stage, tab, source, owner, id, allowScripts, identityHeaders, error }
  return {
    ...values,
    setIdentityHeaders,
    setTab,
    setSource,
    setOwner,
    setId,
    setAllowScripts,
    review,
    install,
    back,
    cancel,
    close,
  }
}
