const LONG = 2 ** 30

/**
 * Waits for `work`, and keeps this process from ending meanwhile: the clock's timers do not, and while a host that is
 * about to start or to stop waits for other processes, there may be nothing else that does.
 */
export async function keepAlive<T>(work: () => Promise<T>): Promise<T> {
  const handle = setInterval(() => {}, LONG)
  try {
    return await work()
  } finally {
    clearInterval(handle)
  }
}
