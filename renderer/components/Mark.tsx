/** The program's mark: an A whose bar is a request passing through. */
export function Mark(props: { size: number }) {
  return (
    <svg width={props.size} height={props.size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path d="M4 20 12 4l8 16" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M2.5 14.5h13" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <circle cx="19.2" cy="14.5" r="1.9" fill="currentColor" />
    </svg>
  )
}
