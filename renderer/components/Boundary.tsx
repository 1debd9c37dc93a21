import { Button, Stack, Text, Title } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { Centred } from './Page.tsx'

interface BoundaryProps {
  /** Where the person is; another place gets another chance. */
  place: string
  children: ReactNode
}

/** A screen that cannot be drawn says so, and leaves the rest of the window alone. */
export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (this.state.failed && before.place !== this.props.place) this.setState({ failed: false })
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <Centred>
        <Stack align="center" gap="sm" role="alert">
          <Title order={1}>This screen could not be shown</Title>
          <Text c="dimmed">The host and your apps go on running. It was something in this window.</Text>
          <Button onClick={() => this.setState({ failed: false })}>Show it again</Button>
        </Stack>
      </Centred>
    )
  }
}
