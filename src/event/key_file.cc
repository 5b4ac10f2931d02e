#include "event/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <set>

#include "base/hash.h"

namespace fengsui::event {
namespace {

constexpr size_t kSealingKeySize = 32;  // AES-256
constexpr size_t kFileBytesMax = 1 << 20;

std::string errno_text() { return std::strerror(errno); }

// Closes on the way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Expected<std::string> read_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return fail(Error::outside("key file " + path + ": " + errno_text()));
  }
  if (!S_ISREG(status.st_mode)) return fail(Error::bad_input("key file " + path + ": not a file"));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(
        Error::bad_input("key file " + path + ": others than its owner may use it; chmod 600 it"));
  }
  if (static_cast<size_t>(status.st_size) > kFileBytesMax) {
    return fail(Error::bad_input("key file " + path + ": longer than 1 MiB"));
  }
  std::string text(static_cast<size_t>(status.st_size), '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Error::outside("key file " + path + ": " + errno_text()));
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  text.resize(size);
  return text;
}

// Reads the YAML tree; `fault` gets what is wrong first, with its place.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  bool read(const YAML::Node& root, KeyFile& out) {
    out.digest = "SHA256";
    if (!root.IsMap()) return refuse(root, "not a map with keys, dead_letters or hmac");
    std::set<std::string> seen;
    for (const auto& entry : root) {
      const std::string& name = entry.first.Scalar();
      if (!seen.insert(name).second) return refuse(entry.first, name + " is given twice");
      if (name == "keys") {
        if (!read_keys(entry.second, out)) return false;
      } else if (name == "dead_letters") {
        if (!read_secret(entry.second, "dead_letters", out.dead_letters)) return false;
        if (out.dead_letters.size() != kSealingKeySize) {
          return refuse(entry.second, "dead_letters is not base64 of 32 bytes");
        }
      } else if (name == "hmac") {
        if (!read_digest(entry.second, out)) return false;
      } else {
        return refuse(entry.first, "unknown key; keys, dead_letters and hmac are known");
      }
    }
    return true;
  }

  std::string fault;

 private:
  bool refuse(const YAML::Node& where, const std::string& what) {
    const YAML::Mark mark = where.Mark();
    fault = path_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) +
            ": error: " + what;
    return false;
  }

  bool read_digest(const YAML::Node& node, KeyFile& out) {
    const std::string name = node.IsScalar() ? node.Scalar() : "";
    if (name != "sha256" && name != "sm3") return refuse(node, "hmac is sha256 or sm3");
    out.digest = name == "sm3" ? "SM3" : "SHA256";
    return true;
  }

  bool read_secret(const YAML::Node& node, const std::string& what, std::string& out) {
    if (node.IsScalar() && base64_decode(node.Scalar(), out) && !out.empty()) return true;
    return refuse(node, what + " is not base64");
  }

  bool read_keys(const YAML::Node& list, KeyFile& out) {
    if (!list.IsSequence()) return refuse(list, "keys is not a list");
    std::set<std::string> names;
    for (const YAML::Node& item : list) {
      KeyFile::Key key;
      if (!read_key(item, key)) return false;
      const std::string name = key.feed + '\n' + key.purpose + '\n' + key.epoch;
      if (!names.insert(name).second) return refuse(item, "feed, purpose and epoch come twice");
      out.keys.push_back(std::move(key));
    }
    return true;
  }

  bool read_key(const YAML::Node& item, KeyFile::Key& key) {
    if (!item.IsMap()) return refuse(item, "a key is a map of feed, purpose, epoch and key");
    for (const auto& entry : item) {
      const std::string& name = entry.first.Scalar();
      std::string* into = name == "feed"      ? &key.feed
                          : name == "purpose" ? &key.purpose
                          : name == "epoch"   ? &key.epoch
                          : name == "key"     ? &key.bytes
                                              : nullptr;
      if (into == nullptr) return refuse(entry.first, "a key has feed, purpose, epoch and key");
      if (!into->empty()) return refuse(entry.first, name + " is given twice");
      if (name == "key") {
        if (!read_secret(entry.second, "key", key.bytes)) return false;
      } else if (entry.second.IsScalar()) {
        *into = entry.second.Scalar();
      }
      if (into->empty()) return refuse(entry.second, name + " is empty");
    }
    if (key.feed.empty() || key.purpose.empty() || key.epoch.empty() || key.bytes.empty()) {
      return refuse(item, "feed, purpose, epoch or key is missing");
    }
    // It stands between dots in the token.
    if (key.epoch.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_-") != std::string::npos) {
      return refuse(item, "an epoch is letters, digits, _ and -");
    }
    return true;
  }

  const std::string& path_;
};

bool write_all(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

bool sync_folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.get() >= 0 && ::fsync(directory.get()) == 0;
}

}  // namespace

KeyFile::~KeyFile() {
  for (Key& key : keys) wipe(key.bytes);
  wipe(dead_letters);
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

Expected<KeyFile> read_key_file(const std::string& path) {
  Expected<std::string> text = read_private_file(path);
  if (!text) return fail(std::move(text.error()));
  KeyFile out;
  Reader reader(path);
  bool read = false;
  try {
    read = reader.read(YAML::Load(*text), out);
  } catch (const YAML::Exception& e) {
    reader.fault = path + ":" + std::to_string(e.mark.line + 1) + ":" +
                   std::to_string(e.mark.column + 1) + ": error: not YAML";
  }
  wipe(*text);
  if (!read) return fail(Error::bad_input(std::move(reader.fault)));
  return out;
}

// The text is written beside its place and linked into it: link() refuses where there is a file,
// and a crash leaves no half-written key behind under the name that counts.
Expected<void> make_dead_letter_file(const std::string& path, const std::string& dead_letters) {
  const auto outside = [&] {
    return fail(Error::outside("key file " + path + ": " + errno_text()));
  };
  std::string draft = path + ".XXXXXX";
  const Descriptor file(::mkstemp(draft.data()));  // O_EXCL, mode 0600
  if (file.get() < 0) return outside();
  std::string text = "dead_letters: " + base64_encode(dead_letters) + "\n";
  const bool written = write_all(file.get(), text) && ::fsync(file.get()) == 0;
  wipe(text);
  const bool placed = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int reason = errno;
  ::unlink(draft.c_str());
  errno = reason;
  if (!placed || !sync_folder_of(path)) return outside();
  return {};
}

}  // namespace fengsui::event
