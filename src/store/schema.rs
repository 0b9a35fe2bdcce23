//! The file's tables.

use crate::database::Format;

/// The file's format. Times are nanoseconds since 1970; bodies are JSON with the engine's integers.
pub const FORMAT: Format = Format {
    name: "session store",
    // "TLss"
    application_id: 0x544c_7373,
    steps: &["
        CREATE TABLE session (
            id INTEGER PRIMARY KEY,
            environment TEXT NOT NULL CHECK (environment IN ('paper', 'local', 'testnet', 'demo', 'live')),
            venue TEXT NOT NULL,
            account TEXT NOT NULL,
            UNIQUE (environment, venue, account)
        ) STRICT;
        CREATE TABLE epoch (
            session INTEGER NOT NULL REFERENCES session (id),
            number INTEGER NOT NULL,
            preset TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            opening TEXT NOT NULL,
            PRIMARY KEY (session, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            session INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (session, epoch, number),
            FOREIGN KEY (session, epoch) REFERENCES epoch (session, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE command (
            session INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            number INTEGER NOT NULL,
            cause INTEGER NOT NULL,
            at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (session, epoch, number),
            FOREIGN KEY (session, epoch, cause) REFERENCES event (session, epoch, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE execution (
            session INTEGER NOT NULL REFERENCES session (id),
            symbol TEXT NOT NULL,
            trade TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            event INTEGER NOT NULL,
            PRIMARY KEY (session, symbol, trade),
            FOREIGN KEY (session, epoch, event) REFERENCES event (session, epoch, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE attempt (
            session INTEGER NOT NULL,
            client_id TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            command INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('intended', 'accepted', 'refused', 'not-placed', 'unknown')),
            changed_at INTEGER NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (session, client_id),
            FOREIGN KEY (session, epoch, command) REFERENCES command (session, epoch, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attempt_by_state ON attempt (session, state);
    "],
};
