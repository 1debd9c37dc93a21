import { execa } from 'execa'

/** Sends a signal to one process. Harmless when it is gone. */
export function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    ignoreGone(error)
  }
}

/** Ends a process and all that it has started in its group, at once. Harmless when they are gone. */
export async function killGroup(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await execa('taskkill', ['/pid', String(pid), '/t', '/f'], { reject: false, windowsHide: true, stdio: 'ignore' })
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    ignoreGone(error)
  }
}

function ignoreGone(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null
  // EPERM: macOS says so of a group whose last members are dead and not yet reaped.
  if (code !== 'ESRCH' && code !== 'EPERM') throw error
}
