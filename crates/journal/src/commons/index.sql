-- How far the index below has followed the store's own stream.
CREATE TABLE indexed (
  number INTEGER PRIMARY KEY,
  form INTEGER NOT NULL,
  seq INTEGER NOT NULL
);

-- Every version of every key of the shared memory, and the event that wrote it.
CREATE TABLE memory (
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (key, version DESC)
) WITHOUT ROWID;

-- The words of what the memory holds now; a row's number is that of the event that wrote it.
CREATE VIRTUAL TABLE memory_words USING fts5(
  key, value, tags, content='', contentless_delete=1, tokenize='porter unicode61'
);

-- The same words one by one, for comparing.
CREATE VIRTUAL TABLE memory_terms USING fts5vocab(memory_words, instance);

-- Messages by whom they are meant for; a message's number is that of the event that sent it.
CREATE TABLE messages (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  sender TEXT NOT NULL,
  PRIMARY KEY (kind, name, number)
) WITHOUT ROWID;

-- Who acknowledged which message, and the first event that said so.
CREATE TABLE acknowledged (
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (name, number)
) WITHOUT ROWID;

INSERT INTO indexed (number, form, seq) VALUES (1, 1, 0);
