//! Tells a disk of this machine from a network share.
//!
//! SQLite needs locks that every process sees and writes that are on the disk when they are said to be; file systems over a network
//! promise neither, and two programs that both hold "the" lock can both pay.
//!
//! What is recognised: on Linux and Android the file system that `/proc/self/mountinfo` gives for the folder; on Windows UNC paths,
//! which mapped drives become when they are resolved. On other systems, and where `/proc` is hidden, nothing is known and nothing is
//! refused: there the choice of a local folder is the caller's.

use std::path::Path;

/// File systems whose files are on another machine, or pass through something that keeps no locks between machines.
const REMOTE: &[&str] = &[
    "9p",
    "acfs",
    "afp",
    "afpfs",
    "afs",
    "auristorfs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncp",
    "ncpfs",
    "nfs",
    "nfs3",
    "nfs4",
    "prl_fs",
    "smb2",
    "smb3",
    "smbfs",
    "vboxsf",
    "vmhgfs",
    "webdav",
];

/// Programs that show something remote as files, by the name after `fuse.`; other FUSE file systems (`ntfs-3g`) are local.
const REMOTE_FUSE: &[&str] = &[
    "afp",
    "beegfs",
    "blobfuse",
    "blobfuse2",
    "ceph",
    "ceph-fuse",
    "cephfs",
    "curlftpfs",
    "davfs",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "gvfsd-fuse",
    "juicefs",
    "mount-s3",
    "mountpoint-s3",
    "rclone",
    "s3fs",
    "s3ql",
    "seaweedfs",
    "smbnetfs",
    "sshfs",
    "vmhgfs-fuse",
];

/// The kind of network share that holds `folder`; `None` when it is on a disk of this machine or nothing is known.
///
/// `folder` is resolved, so that a symbolic link does not hide where it leads.
pub(super) fn share_of(folder: &Path) -> Option<String> {
    if cfg!(windows) {
        return is_unc(&folder.to_string_lossy()).then(|| "a UNC path".to_owned());
    }
    if cfg!(any(target_os = "linux", target_os = "android")) {
        let mountinfo = std::fs::read("/proc/self/mountinfo").ok()?;
        return remote_mount(&mountinfo, folder.as_os_str().as_encoded_bytes());
    }
    None
}

/// True for `\\server\share` in all its spellings; `\\?\C:\` and `\\.\` are local.
fn is_unc(path: &str) -> bool {
    let path = path.replace('/', "\\");
    match path.strip_prefix(r"\\?\") {
        Some(verbatim) => verbatim
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(r"UNC\")),
        None => path.starts_with(r"\\") && !path.starts_with(r"\\.\"),
    }
}

/// The remote file system that `path` is on by a `mountinfo` text: the longest mount point that holds it counts, and of two mounts
/// on one point the later.
fn remote_mount(mountinfo: &[u8], path: &[u8]) -> Option<String> {
    let mounts = mountinfo.split(|byte| *byte == b'\n').filter_map(Mount::parse);
    // `max_by_key` keeps the last of several longest.
    let mount = mounts
        .filter(|mount| mount.holds(path))
        .max_by_key(|mount| mount.point.len())?;
    mount
        .is_remote()
        .then(|| String::from_utf8_lossy(&mount.kind).into_owned())
}

struct Mount {
    point: Vec<u8>,
    kind: Vec<u8>,
    source: Vec<u8>,
}

impl Mount {
    /// A line: `36 35 98:0 /root /mnt/point rw,noatime shared:1 - ext4 /dev/sda1 rw`, with any number of fields before the hyphen.
    fn parse(line: &[u8]) -> Option<Mount> {
        let mut fields = line.split(|byte| *byte == b' ');
        let point = unescape(fields.nth(4)?);
        let mut after = fields.skip_while(|field| *field != b"-").skip(1);
        Some(Mount {
            point,
            kind: unescape(after.next()?),
            source: unescape(after.next()?),
        })
    }

    fn holds(&self, path: &[u8]) -> bool {
        let inside = path.strip_prefix(self.point.as_slice());
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || self.point.ends_with(b"/"))
    }

    fn is_remote(&self) -> bool {
        let kind = String::from_utf8_lossy(&self.kind).to_ascii_lowercase();
        let source = String::from_utf8_lossy(&self.source);
        if let Some(program) = kind.strip_prefix("fuse.") {
            return REMOTE_FUSE.contains(&program);
        }
        // A program that did not give its name still says where its files come from: `//server/share`, `https://…`, `host:/path`.
        let elsewhere = source.starts_with("//") || source.contains(":/");
        REMOTE.contains(&kind.as_str()) || (kind == "fuse" && (elsewhere || REMOTE_FUSE.contains(&&*source)))
    }
}

/// The kernel writes blanks, tabs, line ends and backslashes as `\040`, `\011`, `\012`, `\134`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let octal = digits
            .filter(|_| *first == b'\\')
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        out.push(octal.unwrap_or(*first));
        rest = if octal.is_some() {
            after.get(3..).unwrap_or_default()
        } else {
            after
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = r"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:12 - proc proc rw
40 22 0:40 / /home rw,relatime shared:20 master:3 propagate_from:2 - nfs4 files.example:/home rw,vers=4.2,addr=10.0.0.2
41 40 254:1 / /home/anna/disk rw,relatime - xfs /dev/vdb1 rw
42 22 0:41 / /mnt/My\040Share\134x rw - cifs //server/share\040name rw,vers=3.1.1
43 22 0:42 / /mnt/remote rw shared:9 - fuse.sshfs anna@host:/srv rw
44 22 0:43 / /mnt/usb rw - fuseblk /dev/sdb1 rw
45 22 0:44 / /mnt/ntfs rw - fuse.ntfs-3g /dev/sdb2 rw
46 22 0:45 / /mnt/dav rw - fuse https://dav.example/ rw
47 22 0:46 / /mnt/bucket rw - fuse mountpoint-s3 rw
48 22 0:47 / /mnt/plan9 rw - 9p drvfs rw
49 22 0:48 / /mnt/twice rw - nfs files.example:/a rw
50 49 254:3 / /mnt/twice rw - ext4 /dev/vdc rw
51 22 254:4 / /mnt/other rw - ext4 /dev/vdd rw
52 51 0:49 / /mnt/other rw - SMB3 //server/x rw
53 22 0:50 / /mnt/app rw - fuse /dev/fuse rw
54 22 0:51 / /mnt/line\012end rw - afs AFS rw
55 22 0:52 / /run rw - tmpfs tmpfs rw
56 22 0:53 / /mnt/share rw - fuse //server/share rw
57 22 0:54 / /mnt/host rw - fuse host:/srv rw

garbage
56 22";

    #[test]
    fn the_longest_mount_point_decides() {
        let cases = [
            ("/", None),
            ("/var/lib/sportello", None),
            ("/home", Some("nfs4")),
            ("/home/anna/.local/share/sportello", Some("nfs4")),
            ("/home/anna/disk/sportello", None),
            ("/home/anna/diskette", Some("nfs4")),
            ("/homer", None),
            (r"/mnt/My Share\x/a", Some("cifs")),
            ("/mnt/My Share", None),
            ("/mnt/remote/x", Some("fuse.sshfs")),
            ("/mnt/usb/x", None),
            ("/mnt/ntfs/x", None),
            ("/mnt/dav/x", Some("fuse")),
            ("/mnt/bucket/x", Some("fuse")),
            ("/mnt/plan9/x", Some("9p")),
            ("/mnt/twice/x", None),
            ("/mnt/other/x", Some("SMB3")),
            ("/mnt/app/x", None),
            ("/mnt/line\nend/x", Some("afs")),
            ("/run/user/0", None),
            ("/mnt/share/x", Some("fuse")),
            ("/mnt/host/x", Some("fuse")),
        ];
        for (path, expected) in cases {
            assert_eq!(
                remote_mount(MOUNTINFO.as_bytes(), path.as_bytes()).as_deref(),
                expected,
                "{path}"
            );
        }
        assert_eq!(remote_mount(b"", b"/home"), None);
    }

    #[test]
    fn what_is_not_an_escape_is_left_alone() {
        for (field, expected) in [
            (r"a\040b", "a b"),
            (r"\134134", r"\134"),
            (r"a\04", r"a\04"),
            (r"\999", r"\999"),
            (r"\", r"\"),
        ] {
            assert_eq!(unescape(field.as_bytes()), expected.as_bytes(), "{field}");
        }
    }

    #[test]
    fn unc_paths_are_shares_and_drives_are_not() {
        for share in [
            r"\\server\share\x",
            "//server/share",
            r"\\?\UNC\server\share",
            r"\\?\unc\server\share",
            r"\\wsl$\Ubuntu",
        ] {
            assert!(is_unc(share), "{share}");
        }
        for local in [
            r"C:\Users\anna",
            r"\\?\C:\Users\anna",
            r"\\.\pipe\x",
            r"\Users",
            "/home",
            "",
            r"\\?\UN",
        ] {
            assert!(!is_unc(local), "{local}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_s_own_table_is_read() {
        // The folder of a kernel file system is never a share, and it is always there.
        assert_eq!(share_of(Path::new("/proc/self")), None);
        let table = std::fs::read("/proc/self/mountinfo").unwrap();
        let points = table
            .split(|byte| *byte == b'\n')
            .filter_map(Mount::parse)
            .map(|mount| mount.point);
        assert!(points.into_iter().any(|point| point == b"/proc"));
    }
}
