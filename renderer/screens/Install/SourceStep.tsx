import { Box, Button, Group, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { IconBox, IconBrandGit, IconFolder, IconStar, IconWorld } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import type { Me } from '../../../runtime/contract/models.ts'
import { desktop } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { headerProblem } from '../../components/header-problem.ts'
import { IdentityHeaders } from '../../components/IdentityHeaders.tsx'
import type { InstallTab } from '../../state/install-dialog.ts'
import { ExampleChoice } from './ExampleChoice.tsx'
import classes from './Install.module.css'
import { OwnerSelect } from './OwnerSelect.tsx'
import type { Install } from './use-install.ts'

const TABS = [
  {
    value: 'folder',
    label: 'Folder',
    icon: IconFolder,
    placeholder: '/home/you/my-app',
    help: 'A folder on this computer with a package.json or an index.js. It runs in place, so your edits count at the next start.',
  },
  {
    value: 'git',
    label: 'Git',
    icon: IconBrandGit,
    placeholder: 'https://github.com/someone/an-app.git',
    help: 'The https address of a repository. Its newest version tag is taken.',
  },
  {
    value: 'npm',
    label: 'npm',
    icon: IconBox,
    placeholder: 'package-name or package-name@^2',
    help: 'The name of a package, with a version range if you like.',
  },
  {
    value: 'upstream',
    label: 'Address',
    icon: IconWorld,
    placeholder: 'http://127.0.0.1:3000',
    help: 'Where an app runs already, on this computer or another. People sign in to Atek to open it.',
  },
  { value: 'example', label: 'Examples', icon: IconStar, placeholder: '', help: '' },
] as const satisfies { value: InstallTab; label: string; icon: typeof IconFolder; placeholder: string; help: string }[]

/** Where the app comes from, and whose it will be. */
export function SourceStep(props: { me: Me; install: Install }) {
  const { me, install } = props
  const pick = useMutation({
    mutationFn: () => desktop('desktop.pickFolder', {}),
    onSuccess: (folder) => {
      if (folder !== null) install.setSource(folder)
    },
  })
  const tabs = TABS.filter(({ value }) => (value !== 'folder' && value !== 'upstream') || me.user.role === 'admin')
  const ready = install.source.trim() !== ''
  const problem = headerProblem(install.error, install.identityHeaders)
  const aboutHeaders = problem !== null
  const notice = install.error !== null && <ErrorNotice error={install.error} />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) install.review(install.tab, install.source)
  }
  return (
    <form onSubmit={submit}>
      <Tabs
        value={install.tab}
        onChange={(tab) => install.setTab(TABS.find((known) => known.value === tab)?.value ?? 'folder')}
      >
        <Tabs.List mb="md">
          {tabs.map((tab) => (
            <Tabs.Tab key={tab.value} value={tab.value} leftSection={<tab.icon size={16} aria-hidden="true" />}>
              {tab.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((tab) => (
          <Tabs.Panel key={tab.value} value={tab.value}>
            {tab.value === 'example' ? (
              <ExampleChoice value={install.source} onChange={install.setSource} />
            ) : (
              <Stack gap="xs">
                <Group align="flex-end" gap="xs" wrap="nowrap">
                  <TextInput
                    label="Source"
                    placeholder={tab.placeholder}
                    value={install.source}
                    onChange={(event) => install.setSource(event.currentTarget.value)}
                    autoComplete="off"
                    spellCheck={false}
                    flex={1}
                    error={install.error !== null && !aboutHeaders}
                    data-autofocus
                  />
                  {tab.value === 'folder' && (
                    <Button variant="default" onClick={() => pick.mutate()} loading={pick.isPending}>
                      Choose…
                    </Button>
                  )}
                </Group>
                <Text size="xs" c="dimmed">
                  {tab.help}
                  {tab.value === 'folder' && ' You can also drop a folder anywhere on the window.'}
                </Text>
                {!aboutHeaders && notice}
                {tab.value === 'upstream' && (
                  <Box mt="xs">
                    <IdentityHeaders
                      headers={install.identityHeaders}
                      onChange={install.setIdentityHeaders}
                      problem={problem}
                    />
                    {aboutHeaders && (
                      <Box mt="xs">
                        <ErrorNotice error={install.error} message={problem.message} />
                      </Box>
                    )}
                  </Box>
                )}
              </Stack>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      <Stack gap="md" mt="md">
        <OwnerSelect me={me} value={install.owner} onChange={install.setOwner} />
        {install.tab === 'example' && notice}
      </Stack>
      <Group justify="space-between" gap="xs" mt="md" className={classes.actions}>
        <Text size="xs" c="dimmed">
          Nothing is installed before you have seen what it is.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={install.close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready}>
            Review
          </Button>
        </Group>
      </Group>
    </form>
  )
}
