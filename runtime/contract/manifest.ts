import { z } from 'zod'
import { autostartSchema } from './schemas.ts'

export const exportSchema = z.object({
  api: z.string().min(1).max(256),
  path: z.string().max(1024).regex(/^\//, 'A path starts with /.').default('/'),
  transport: z.enum(['rpc', 'proxy']).default('rpc'),
})
export type AppExport = z.infer<typeof exportSchema>

const text = z.string().max(2000)

/** `atek.json`. Unknown keys are kept and ignored; a wrong type is an error that names the key. */
export const manifestSchema = z.looseObject({
  name: text.optional(),
  title: text.optional(),
  description: text.optional(),
  author: text.optional(),
  license: text.optional(),
  frame: z.boolean().optional(),
  icon: text.optional(),
  permissions: z.array(text).max(100).optional(),
  autostart: autostartSchema.optional(),
  exports: z.array(exportSchema).max(100).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>
