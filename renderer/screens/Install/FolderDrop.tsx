import { Portal, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { CallError, pathOfFile } from '../../api.ts'
import { notifyError } from '../../components/notify.tsx'
import { openInstallDialog } from '../../state/install-dialog.ts'
import classes from './Install.module.css'

/** A folder dropped anywhere on the window goes straight to its review. */
export function FolderDrop() {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      // Without this the window would leave for the dropped file (A61).
      event.preventDefault()
      setOver(false)
      const file = event.dataTransfer?.files[0]
      const path = file === undefined ? '' : pathOfFile(file)
      if (path !== '') openInstallDialog({ tab: 'folder', source: path, reviewNow: true })
      else
        notifyError(
          new CallError({
            code: 'BAD_INPUT',
            message: 'This has no place on the disk. Drop a folder from your file manager.',
          }),
        )
    }
    document.addEventListener('dragover', onOver)
    document.addEventListener('dragleave', onLeave)
    document.addEventListener('drop', onDrop)
    return () => {
      document.removeEventListener('dragover', onOver)
      document.removeEventListener('dragleave', onLeave)
      document.removeEventListener('drop', onDrop)
    }
  }, [])
  if (!over) return null
  return (
    <Portal>
      <div className={classes.drop}>
        <Text size="lg" fw={600}>
          Drop the folder to review it
        </Text>
      </div>
    </Portal>
  )
}
