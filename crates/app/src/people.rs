//! Who may do what: passwords, sessions and API keys. Secrets are kept as hashes; whoever guesses is slowed down.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError, RwLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use bellwether_core::domain::{Period, Timestamp, TraitSource};
use bellwether_store::{ApiKeyRow, KeyId, StoreError, UserRow};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::shared::{Shared, not_committed};
use crate::{App, AppError, KeyClass, Role, Session, User, UserId};

/// How long a session lasts.
const SESSION_PERIOD: Period = Period::from_days(14);
/// How long failed sign-ins count.
const ATTEMPTS_PERIOD: Period = Period::from_ms(15 * 60_000);
/// How many sign-ins of one account may fail in that time.
const ATTEMPTS_OF_ACCOUNT_MAX: u32 = 10;
/// How many sign-ins may fail in that time altogether.
const ATTEMPTS_IN_ALL_MAX: u32 = 300;
/// How many passwords are checked at once; each takes 19 MiB for a moment.
pub(crate) const PASSWORD_CHECKS_MAX: usize = 2;
/// The shortest password, in characters.
const PASSWORD_CHARS_MIN: usize = 8;
/// The longest password, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;
/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// How many keys are kept in memory.
const KEYS_CACHED_MAX: usize = 1_024;

/// The hash of a password that nobody has.
static NOBODYS_HASH: LazyLock<String> =
    LazyLock::new(|| hash_of("nobody has this", b"nor is this a salt").unwrap_or_default());

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Which; for a write key also the `SourceId` of what it brings.
    pub id: KeyId,
    /// What it is for.
    pub class: KeyClass,
    /// What somebody called it.
    pub name: String,
    /// Who says the traits in what it brings.
    pub speaks_as: TraitSource,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Keys that were presented and are good, by their hash.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(RwLock<HashMap<[u8; 32], ApiKey>>);

/// Sign-ins that failed of late.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Failed>);

#[derive(Debug, Default)]
struct Failed {
    since: Option<Timestamp>,
    in_all: u32,
    of_account: HashMap<String, u32>,
}

impl Attempts {
    /// Whether another attempt may be made; it counts as failed until it is taken back.
    fn begin(&self, account: &str, now: Timestamp) -> bool {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed
            .since
            .is_none_or(|since| now.since(since) >= ATTEMPTS_PERIOD)
        {
            *failed = Failed {
                since: Some(now),
                ..Failed::default()
            };
        }
        let of_account = failed.of_account.get(account).copied().unwrap_or(0);
        if failed.in_all >= ATTEMPTS_IN_ALL_MAX || of_account >= ATTEMPTS_OF_ACCOUNT_MAX {
            return false;
        }
        failed.in_all += 1;
        failed.of_account.insert(account.to_owned(), of_account + 1);
        true
    }

    fn succeeded(&self, account: &str) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let given_back = failed.of_account.remove(account).unwrap_or(0);
        failed.in_all = failed.in_all.saturating_sub(given_back);
    }
}

impl App {
    /// Signs somebody in; `None` where the email or the password is wrong, or there were too many attempts.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Option<Session>, AppError> {
        let Some(user) = self.proven(email, password).await? else {
            return Ok(None);
        };
        let now = self.shared().clock.now();
        let token = random_hex::<32>(self.shared())?;
        let (token_hash, expires_at) = (digest(&token), now.plus(SESSION_PERIOD));
        let id = user.id;
        self.write(move |committer| {
            Ok(Ok(committer.db.insert_session(
                &token_hash,
                id,
                now,
                expires_at,
            )?))
        })
        .await?;
        Ok(Some(Session {
            token,
            user,
            expires_at,
        }))
    }

    /// Who somebody is, by their email address and password; `None` as for [`App::sign_in`].
    pub async fn proven(&self, email: &str, password: &str) -> Result<Option<User>, AppError> {
        let account = email.trim().to_lowercase();
        let now = self.shared().clock.now();
        if account.len() > NAME_BYTES_MAX
            || password.len() > PASSWORD_BYTES_MAX
            || !self.inner.attempts.begin(&account, now)
        {
            return Ok(None);
        }
        let user = {
            let account = account.clone();
            self.read(move |db| Ok(db.user_by_email(&account)?)).await?
        };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let good = self.check_password(password.to_owned(), hash).await?;
        let Some(user) = user.filter(|user| good && user.active) else {
            return Ok(None);
        };
        self.inner.attempts.succeeded(&account);
        user_of(user).map(Some)
    }

    /// Whose session a token is.
    pub async fn session(&self, token: &str) -> Result<Option<User>, AppError> {
        let (hash, now) = (digest(token), self.shared().clock.now());
        let row = self.read(move |db| Ok(db.session_user(&hash, now)?)).await?;
        row.map(user_of).transpose()
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        let hash = digest(token);
        self.write(move |committer| Ok(Ok(committer.db.delete_session(&hash)?)))
            .await
    }

    /// The key that was presented, where it is one of that class.
    pub async fn check_key(&self, presented: &str, class: KeyClass) -> Result<Option<ApiKey>, AppError> {
        if presented.len() > NAME_BYTES_MAX {
            return Ok(None);
        }
        let hash = digest(presented);
        let cached = {
            let keys = self.inner.keys.0.read().unwrap_or_else(PoisonError::into_inner);
            keys.get(&hash).cloned()
        };
        if let Some(key) = cached {
            return Ok((key.class == class).then_some(key));
        }
        let row = self.read(move |db| Ok(db.key_by_hash(&hash)?)).await?;
        let Some(row) = row.filter(|row| bool::from(row.hash.ct_eq(hash.as_slice()))) else {
            return Ok(None);
        };
        let key = key_of(row)?;
        let mut keys = self.inner.keys.0.write().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_CACHED_MAX {
            keys.clear();
        }
        keys.insert(hash, key.clone());
        Ok((key.class == class).then_some(key))
    }

    /// Makes a key; the text is shown this once.
    pub async fn create_key(&self, class: KeyClass, name: &str) -> Result<(ApiKey, String), AppError> {
        self.create_key_that_speaks(class, name, TraitSource::Stated)
            .await
    }

    /// Makes a key whose traits are believed as those of a source: a write key of the CRM says what the CRM's records say.
    pub async fn create_key_that_speaks(
        &self,
        class: KeyClass,
        name: &str,
        speaks_as: TraitSource,
    ) -> Result<(ApiKey, String), AppError> {
        let name = named("name", name)?;
        let derived = speaks_as == TraitSource::Derived;
        if derived || (class == KeyClass::Admin && speaks_as != TraitSource::Stated) {
            let message =
                "a write key speaks as `stated`, `crm` or `enrichment`; an admin key brings no traits";
            return Err(AppError::Invalid {
                field: "speaks_as",
                message: message.to_owned(),
            });
        }
        let text = format!("bw_{}_{}", class.as_str(), random_hex::<20>(self.shared())?);
        let (hash, now) = (digest(&text), self.shared().clock.now());
        let kept = name.clone();
        let insert = move |committer: &mut crate::committer::Committer| -> Result<_, StoreError> {
            Ok(Ok(committer.db.insert_key(
                class.as_str(),
                &kept,
                speaks_as,
                &hash,
                now,
            )?))
        };
        let id = KeyId(self.write(insert).await?);
        Ok((
            ApiKey {
                id,
                class,
                name,
                speaks_as,
                created_at: now,
            },
            text,
        ))
    }

    /// Makes a key useless from now on.
    pub async fn revoke_key(&self, id: KeyId) -> Result<(), AppError> {
        self.write(move |committer| {
            let revoked = committer.db.revoke_key(id.0)?;
            Ok(revoked.then_some(()).ok_or_else(|| AppError::NotFound {
                what: "key",
                id: id.to_string(),
            }))
        })
        .await?;
        let mut keys = self.inner.keys.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, key| key.id != id);
        Ok(())
    }

    /// The keys that there are.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, AppError> {
        let rows = self.read(|db| Ok(db.keys()?)).await?;
        rows.into_iter().map(key_of).collect()
    }

    /// Adds somebody who signs in.
    pub async fn create_user(
        &self,
        name: &str,
        email: &str,
        password: &str,
        role: Role,
    ) -> Result<User, AppError> {
        let name = named("name", name)?;
        let Some(email) = crate::identity::email(email).map(std::borrow::Cow::into_owned) else {
            let message = format!("`{email}` is not an email address; give one like `ana@acme.example`");
            return Err(AppError::Invalid {
                field: "email",
                message,
            });
        };
        if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
            let message = format!(
                "a password has at least {PASSWORD_CHARS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes"
            );
            return Err(AppError::Invalid {
                field: "password",
                message,
            });
        }
        let hash = self.hash_password(password.to_owned()).await?;
        let now = self.shared().clock.now();
        let (kept_name, kept_email) = (name.clone(), email.clone());
        let insert = move |committer: &mut crate::committer::Committer| -> Result<_, StoreError> {
            let id = committer
                .db
                .insert_user(&kept_name, &kept_email, &hash, role.as_str(), now)?;
            let taken = || AppError::Conflict {
                message: format!("somebody signs in as `{kept_email}` already; choose another email"),
            };
            Ok(id.ok_or_else(taken))
        };
        let id = self.write(insert).await?;
        Ok(User {
            id,
            name,
            email,
            role,
        })
    }

    /// Those who sign in.
    pub async fn users(&self) -> Result<Vec<User>, AppError> {
        let rows = self.read(|db| Ok(db.users()?)).await?;
        rows.into_iter().map(user_of).collect()
    }

    /// Puts somebody on a team that routes name, with their weight in its turns, 1 to 1000.
    pub async fn add_member(&self, team: &str, user: UserId, weight: u32) -> Result<(), AppError> {
        self.add_limited_member(team, user, weight, None).await
    }

    /// The same, with the most leads that they are given on one day and that may wait for their answer; limits that aren't
    /// said stay.
    pub async fn add_limited_member(
        &self,
        team: &str,
        user: UserId,
        weight: u32,
        limits: Option<(Option<u32>, Option<u32>)>,
    ) -> Result<(), AppError> {
        const WEIGHT_MAX: u32 = 1_000;
        let team = named("team", team)?;
        if weight == 0 || weight > WEIGHT_MAX {
            let message = format!("a weight is between 1 and {WEIGHT_MAX}, not {weight}");
            return Err(AppError::Invalid {
                field: "weight",
                message,
            });
        }
        let at = self.now();
        self.write(move |committer| {
            if committer.db.user(user)?.is_none() {
                return Ok(Err(AppError::NotFound {
                    what: "user",
                    id: user.to_string(),
                }));
            }
            committer.db.put_member(&team, user, weight)?;
            if let Some((day_max, open_max)) = limits {
                committer.db.put_limits(&team, user, day_max, open_max)?;
            }
            committer.take_up(&team, at)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Checks a password; where there is nobody, against one that nobody has, so that both take as long.
    async fn check_password(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let permit = self
            .inner
            .passwords
            .acquire()
            .await
            .map_err(|_| not_committed())?;
        let checked = tokio::task::spawn_blocking(move || {
            let hash = hash.as_deref().unwrap_or_else(|| NOBODYS_HASH.as_str());
            let parsed = PasswordHash::new(hash).ok();
            parsed.is_some_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            })
        });
        let good = checked.await.map_err(|_| not_committed())?;
        drop(permit);
        Ok(good)
    }

    async fn hash_password(&self, password: String) -> Result<String, AppError> {
        let mut salt = [0_u8; 16];
        fill(self.shared(), &mut salt)?;
        let hashed = tokio::task::spawn_blocking(move || hash_of(&password, &salt));
        hashed.await.map_err(|_| not_committed())?
    }
}

fn hash_of(password: &str, salt: &[u8]) -> Result<String, AppError> {
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| AppError::Unavailable(error.to_string()))
}

fn fill(shared: &Shared, bytes: &mut [u8]) -> Result<(), AppError> {
    let filled = shared.entropy.fill(bytes);
    filled
        .then_some(())
        .ok_or_else(|| AppError::Unavailable("the system gives no random bytes".to_owned()))
}

pub(crate) fn random<const N: usize>(shared: &Shared) -> Result<[u8; N], AppError> {
    let mut bytes = [0_u8; N];
    fill(shared, &mut bytes)?;
    Ok(bytes)
}

fn random_hex<const N: usize>(shared: &Shared) -> Result<String, AppError> {
    let bytes = random::<N>(shared)?;
    Ok(bytes.iter().fold(String::with_capacity(2 * N), |mut text, byte| {
        // Writing to a string doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

pub(crate) fn named(field: &'static str, name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
        let message = format!("a {field} is between 1 and {NAME_BYTES_MAX} bytes of text on one line");
        return Err(AppError::Invalid { field, message });
    }
    Ok(name.to_owned())
}

fn user_of(row: UserRow) -> Result<User, AppError> {
    let role = Role::ALL.into_iter().find(|role| role.as_str() == row.role);
    let role = role.ok_or(StoreError::Corrupt {
        table: "user",
        value: row.role,
    })?;
    Ok(User {
        id: row.id,
        name: row.name,
        email: row.email,
        role,
    })
}

fn key_of(row: ApiKeyRow) -> Result<ApiKey, AppError> {
    let class = [KeyClass::Write, KeyClass::Admin]
        .into_iter()
        .find(|class| class.as_str() == row.class);
    let class = class.ok_or(StoreError::Corrupt {
        table: "api_key",
        value: row.class,
    })?;
    let speaks_as = TraitSource::named(&row.speaks_as).ok_or(StoreError::Corrupt {
        table: "api_key",
        value: row.speaks_as,
    })?;
    Ok(ApiKey {
        id: KeyId(row.id),
        class,
        name: row.name,
        speaks_as,
        created_at: row.created_at,
    })
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Sales, Self::Marketing, Self::Admin];

    /// The role's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Marketing => "marketing",
            Self::Admin => "admin",
        }
    }
}

impl KeyClass {
    /// The class's name in data and in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}
