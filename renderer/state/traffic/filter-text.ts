import { createStore } from '../store.ts'

/** The filter of the Traffic screen: it stays while one looks at something else, and charts lead to requests by it. */
export const trafficFilterStore = createStore<string>('')
