import { AppError } from '../../runtime/contract/errors.ts'

interface Frame {
  readonly origin: string
}
interface Contents {
  readonly mainFrame: Frame
}

/**
 * Only the panel's own page in its own window may call (A60): not a frame inside it, not another window, not a page
 * of another origin that got there somehow (Electron security checklist, 17).
 */
export function assertSender(
  event: { readonly sender: Contents; readonly senderFrame: Frame | null },
  panel: Contents | null,
  origin: string,
): void {
  const frame = event.senderFrame
  const allowed =
    panel !== null && event.sender === panel && frame !== null && frame === panel.mainFrame && frame.origin === origin
  if (!allowed) throw new AppError('FORBIDDEN', 'Only the control panel may call this.')
}
