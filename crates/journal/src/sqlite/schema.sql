-- What is fixed when the store is made.
CREATE TABLE store (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Where each stream ends. Number 1 is the store's own stream; its row also counts the positions.
CREATE TABLE heads (
  number INTEGER PRIMARY KEY,
  plan TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL,
  digest BLOB NOT NULL,
  position INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  given INTEGER
);

-- The streams. `place` is the stream's number times 2^40 plus `seq`, so that a stream lies together,
-- in order, and needs no index.
CREATE TABLE events (
  place INTEGER PRIMARY KEY,
  plan TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  cause TEXT NOT NULL,
  event TEXT NOT NULL,
  prev BLOB NOT NULL,
  digest BLOB NOT NULL,
  position INTEGER
);

-- Contents named by BLAKE3; `bytes` is null for large ones, which are files, and for purged ones.
CREATE TABLE blobs (
  number INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  file INTEGER NOT NULL,
  purged TEXT,
  bytes BLOB
);

-- Requests carried out, so that none is carried out twice.
CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  plan TEXT NOT NULL,
  command TEXT NOT NULL,
  at TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  digest BLOB NOT NULL,
  position INTEGER NOT NULL
) WITHOUT ROWID;

-- Commands refused: no part of history.
CREATE TABLE attempts (
  number INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  plan TEXT,
  "by" TEXT NOT NULL,
  command TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL
);
