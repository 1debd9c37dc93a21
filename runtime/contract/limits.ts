/** Every limit in one place. Times in milliseconds, sizes in bytes, unless the name says otherwise. */
export const LIMITS = {
  /** Request head as node:http counts it; more is answered 431. */
  headerBytes: 32 * 1024,
  headerCount: 200,
  /** Time in which a request's head, and the whole request, must have arrived. */
  headersTimeout: 20_000,
  requestTimeout: 10 * 60_000,
  keepAliveTimeout: 65_000,
  /** How long a connection that got its last answer may stay open. */
  lingerTimeout: 2000,
  /** How often the listener looks for connections that have passed these. */
  connectionCheckEvery: 5000,
  /** Open connections per address; beyond that the longest idle one makes room for the newest. */
  connections: 2000,
  /** How long an app may take until its answer's head arrives, and between two pieces of the body. */
  appHeadersTimeout: 2 * 60_000,
  appBodyTimeout: 5 * 60_000,
  /** Bodies that the host itself reads (sign-in forms, JSON-RPC). */
  hostFormBytes: 16 * 1024,
  rpcBodyBytes: 10 * 1024 * 1024,
  /** Of bodies of long calls that are in memory as a whole, at a time. */
  heldCallBytes: 64 * 1024 * 1024,
  heldCallBytesPerCaller: 32 * 1024 * 1024,
  /** Calls and answers up to this are taken whole; longer ones of apps are passed on as they come. */
  rpcWholeBytes: 64 * 1024,
  rpcDepth: 1000,
  /** Connections to one app: requests under way, event streams and WebSockets; of all, and of one user or app. */
  socketsPerApp: 256,
  socketsPerUserAndApp: 128,
  /** Requests over all apps, those that wait among them, from where on nobody gets more than the share of one person. */
  requestsCrowded: 1200,
  requestsPerPerson: 200,
  /** Requests that wait for such a connection, and for how long. */
  waitingPerApp: 2048,
  waitingPerUserAndApp: 1024,
  socketWait: 10_000,
  /** Calls at the gateway; of one caller, as many as connections to one app. */
  callsUnderWay: 1024,
  /** WebSockets of all apps together; each takes two of the files that the host may have open. */
  webSockets: 1000,
  /** Of these, as for requests. */
  webSocketsCrowded: 600,
  webSocketsPerPerson: 100,
  /** One message of a WebSocket, as it comes over the wire. */
  webSocketMessageBytes: 64 * 1024 * 1024,
  /** How long a WebSocket that the host closes may take to agree, and one that an app closed to take what is left. */
  webSocketCloseTimeout: 750,
  webSocketLinger: 10_000,
  /** How often what is open is checked again, and how long it may be open at most (C10). */
  liveCheckEvery: 60_000,
  liveBound: 24 * 3_600_000,

  usernameLength: 64,
  passwordMinLength: 10,
  passwordMaxLength: 1024,
  sessionIdle: 7 * 24 * 3_600_000,
  sessionAbsolute: 30 * 24 * 3_600_000,
  /** API tokens (C05). The refresh token's life begins anew at each use. */
  accessTokenLife: 15 * 60_000,
  refreshTokenLife: 7 * 24 * 3_600_000,
  /** Characters; the host's own have about 400. */
  accessTokenLength: 2048,
  tokenNameLength: 64,
  tokensPerUser: 100,
  /** One-time tickets: bind tokens (C08) and the panel's sign-in tickets (C15). */
  ticketLife: 30_000,
  ticketsOutstanding: 10_000,
  /** Sign-in attempts per address + user name, then per address, within the window. */
  signInPerUser: 5,
  signInPerAddress: 30,
  signInWindow: 60_000,
  /** How long a browser is known as one in which a person has signed in. */
  knownBrowserLife: 365 * 24 * 3_600_000,
  /**
   * Requests within the window, by class (C26): of one user or app whose credentials are good, and of one address
   * without any. On loopback everybody is one address. config.json may set others (`rateLimits`).
   */
  rateWindow: 10_000,
  rateAppSignedIn: 500_000,
  rateAppOthers: 5_000,
  rateGatewaySignedIn: 500_000,
  rateGatewayOthers: 5_000,
  ratePageSignedIn: 5_000,
  ratePageOthers: 5_000,
  rateTokenOthers: 500,
  /** Users, apps and addresses that are told apart in one window; more share one count. */
  rateKeys: 10_000,

  /** Headers of its choosing that an app gets, and addresses at which other proxies serve it. */
  identityHeaders: 16,
  externalOrigins: 8,
  /** Connecting to an app that lives elsewhere, and how often it is tried whether it can be reached. */
  upstreamConnectTimeout: 10_000,
  upstreamProbeEvery: 15_000,

  manifestBytes: 256 * 1024,
  iconBytes: 64 * 1024,
  appIdLength: 63,
  configEntries: 200,
  configKeyLength: 128,
  configValueLength: 32 * 1024,
  sourceUrlLength: 2048,
  packageFiles: 100_000,
  packageBytes: 1024 * 1024 * 1024,
  installTimeout: 15 * 60_000,
  sourceTimeout: 60_000,
  /** How long what was reviewed waits for the person's "Install". */
  reviewLife: 10 * 60_000,
  reviewsOutstanding: 8,

  appReadyTimeout: 10_000,
  /** How often a starting app is asked whether it is ready. */
  appReadyPoll: 15,
  appStopTimeout: 5_000,
  /** After its processes are gone, how long an app's output may still be held open by somebody. */
  appDrainTimeout: 1_000,
  /** How many apps the host starts at a time when it starts itself. */
  startsAtOnce: 4,
  restartBackoffFirst: 1_000,
  restartBackoffMost: 60_000,
  restartsInARow: 8,
  /** An app that ran this long is taken to be well: its next crash counts as the first. */
  restartForgivenAfter: 60_000,
  logFileBytes: 5 * 1024 * 1024,
  logFiles: 3,
  logLineBytes: 16 * 1024,
  /** Last lines of stderr that a crash shows. */
  crashLines: 20,
  /** How often memory and CPU of running apps are read. */
  sampleEvery: 2_000,
  /** Socket paths: sun_path is 104 bytes on macOS, with its end mark. */
  socketPathBytes: 103,

  trafficRows: 50_000,
  /** Also of what waits to be written to the disk: what gives way before it is written is lost, and counted. */
  trafficBytes: 64 * 1024 * 1024,
  trafficHeaderBytes: 16 * 1024,
  /** Frames of one WebSocket that the record keeps; older ones are counted only. */
  recordedFrames: 200,
  /** What is stored goes when it is older, or the oldest of it when it is more (C44). */
  trafficStoredAge: 30 * 24 * 3_600_000,
  trafficStoredRows: 1_000_000,
  trafficStoredBytes: 1024 * 1024 * 1024,
  /** Milliseconds after which a search answers with what it has found. */
  trafficSearchTime: 60,
  /** Bodies that are kept: of one message, at most to be chosen, and of all messages together. */
  trafficBodyBytes: 64 * 1024,
  trafficBodyBytesMost: 1024 * 1024,
  trafficBodiesBytes: 32 * 1024 * 1024,
  /** Requests in one exported file. */
  harEntries: 2000,
  savedFilters: 100,

  /** The document store: databases of one service, characters of an alias, parts and characters of a record's path. */
  adbDatabases: 1000,
  adbAliasLength: 256,
  adbPathParts: 32,
  adbPathLength: 2048,
  /** One record as JSON, and all records of one answer. */
  adbRecordBytes: 1024 * 1024,
  adbAnswerBytes: 10 * 1024 * 1024,
  /** The newest changes of a database whose earlier values are kept, so that versions can be compared. */
  adbChanges: 1000,

  ipcBytes: 1024 * 1024,
} as const
