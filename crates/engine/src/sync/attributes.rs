//! What a file carries besides its text and permissions: extended attributes, and the access list,
//! which is one of them.

use std::fs::File;
use std::io;

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno;

/// No list of names and no value is larger than that.
const MOST: usize = 64 * 1024;

/// Gives one file the attributes of another. Those that only the system may give are given where it
/// lets us; without one of the others a file is not what it was, and that is an error.
pub(super) fn carry_over(from: &File, to: &File) -> io::Result<()> {
    let mut names = vec![0; MOST];
    let length = match flistxattr(from, &mut names) {
        Ok(length) => length,
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut value = vec![0; MOST];
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let given = match fgetxattr(from, name, &mut value) {
            Ok(length) => fsetxattr(to, name, &value[..length], XattrFlags::empty()),
            Err(Errno::NODATA) => continue,
            Err(error) => Err(error),
        };
        let is_of_people = name.starts_with(b"user.") || name.starts_with(b"system.posix_acl");
        given.or_else(|error| if is_of_people { Err(error) } else { Ok(()) })?;
    }
    Ok(())
}
