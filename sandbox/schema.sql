-- State of every stand-in. One file, so that a restarted sandbox still shows what was published.

CREATE TABLE IF NOT EXISTS accounts (
    platform TEXT NOT NULL, id TEXT NOT NULL, secret TEXT NOT NULL, name TEXT NOT NULL,
    capabilities TEXT NOT NULL, openid TEXT NOT NULL,
    PRIMARY KEY (platform, id)
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL,
    kind TEXT NOT NULL,                     -- stable, legacy · client, auth, refresh, code · article, old_code
    made_at REAL NOT NULL, expires_at REAL NOT NULL, retired INTEGER NOT NULL DEFAULT 0,
    app TEXT NOT NULL DEFAULT '',           -- the application behind an authorisation
    scope TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS counters (
    platform TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (platform, account, name, day)
);

CREATE TABLE IF NOT EXISTS blobs (sha256 TEXT PRIMARY KEY, mime TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL,
    kind TEXT NOT NULL,                     -- body, image, thumb, fetched
    filename TEXT NOT NULL, sha256 TEXT NOT NULL, made_at REAL NOT NULL
);

-- WeChat: the draft box, and publish jobs with a copy of the draft as it was submitted.
CREATE TABLE IF NOT EXISTS drafts (
    media_id TEXT PRIMARY KEY, account TEXT NOT NULL, articles TEXT NOT NULL, updated_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS jobs (
    publish_id TEXT PRIMARY KEY, account TEXT NOT NULL, media_id TEXT NOT NULL, msg_data_id TEXT NOT NULL,
    articles TEXT NOT NULL, due_at REAL,    -- NULL: the review never ends by itself
    verdict INTEGER NOT NULL,               -- what the review will say
    status INTEGER NOT NULL, article_id TEXT, via TEXT NOT NULL,
    ban_after REAL                          -- seconds from success to a ban, or NULL
);

-- Penguin: one row per accepted submission.
CREATE TABLE IF NOT EXISTS transactions (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, fields TEXT NOT NULL, made_at REAL NOT NULL,
    due_at REAL, fetched INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL, article_id TEXT,
    ban_after REAL
);

-- What waits for a review, or as a draft, wherever a platform has no table of its own.
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL,
    slug TEXT NOT NULL,                     -- of the article to come, or of the one that is changed
    fields TEXT NOT NULL, notes TEXT NOT NULL, via TEXT NOT NULL, made_at REAL NOT NULL,
    due_at REAL,                            -- NULL: a draft, or a review that never ends by itself
    status TEXT NOT NULL, reason TEXT NOT NULL, ban_after REAL
);

CREATE TABLE IF NOT EXISTS published (
    id INTEGER PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL,
    article_id TEXT NOT NULL, idx INTEGER NOT NULL, slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, author TEXT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL,
    source_url TEXT NOT NULL, cover_path TEXT NOT NULL, extra TEXT NOT NULL,
    via TEXT NOT NULL,                      -- api, console, mass
    published_at REAL NOT NULL, withdrawn_at REAL, withdrawn_by TEXT,
    ban_at REAL                             -- when the platform will take it down
);
CREATE INDEX IF NOT EXISTS published_article ON published (platform, account, article_id);

CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, platform TEXT NOT NULL, account TEXT NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL,
    request TEXT NOT NULL, answer TEXT NOT NULL,    -- JSON, secrets masked
    outcome TEXT NOT NULL, fault TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, spec TEXT NOT NULL, skip INTEGER NOT NULL, times_left INTEGER  -- NULL: always
);

-- WeChat: mass sends (each is a job too), where an account's events go, what was told, and what is to be told.
CREATE TABLE IF NOT EXISTS mass_sends (
    msg_id TEXT PRIMARY KEY, account TEXT NOT NULL, clientmsgid TEXT NOT NULL, publish_id TEXT NOT NULL,
    day TEXT NOT NULL, tried_at REAL NOT NULL,
    UNIQUE (account, clientmsgid)
);
CREATE TABLE IF NOT EXISTS callbacks (
    account TEXT PRIMARY KEY, url TEXT NOT NULL, token TEXT NOT NULL, aes_key TEXT NOT NULL,
    mode TEXT NOT NULL, format TEXT NOT NULL,
    base_url TEXT NOT NULL                  -- of the sandbox, as whoever entered the address called it
);
CREATE TABLE IF NOT EXISTS told (publish_id TEXT PRIMARY KEY, status INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, message TEXT NOT NULL,
    made_at REAL NOT NULL, due_at REAL,     -- NULL: after the next event of the account
    left INTEGER NOT NULL,                  -- deliveries that are left
    answers TEXT NOT NULL DEFAULT ''        -- what the hub answered, one word per delivery
);
