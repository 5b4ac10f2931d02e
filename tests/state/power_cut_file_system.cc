#include "state/power_cut_file_system.h"

#include <rocksdb/file_system.h>

#include <filesystem>
#include <utility>

namespace fengsui::test {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

struct PowerCutFileSystem::Shared {
  mutable std::mutex mutex;  // guards all below
  bool is_cut = false;
  uint64_t syncs = 0;
  uint64_t cut_at_sync = 0;
  std::map<std::string, uint64_t> synced_bytes;  // of files written through us
  std::set<std::string> unsynced_names;          // made since their folder was synced

  IOStatus alive() const {
    std::lock_guard lock(mutex);
    return is_cut ? IOStatus::IOError("the power is gone") : IOStatus::OK();
  }
  // Counts a sync; an error if the power goes with it.
  IOStatus sync_begins() {
    std::lock_guard lock(mutex);
    ++syncs;
    if (cut_at_sync != 0 && syncs >= cut_at_sync) is_cut = true;
    return is_cut ? IOStatus::IOError("the power is gone") : IOStatus::OK();
  }
};

namespace {

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, uint64_t size,
              std::shared_ptr<PowerCutFileSystem::Shared> shared);

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* dbg) override {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    size_ += data.size();
    return FSWritableFileOwnerWrapper::Append(data, options, dbg);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* dbg) override {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    size_ = size;
    return FSWritableFileOwnerWrapper::Truncate(size, options, dbg);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Sync(options, dbg); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, dbg); });
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();  // promises nothing about durability
  }

 private:
  template <class Work>
  IOStatus synced(const Work& work) {
    const IOStatus alive = shared_->sync_begins();
    if (!alive.ok()) return alive;
    const uint64_t size = size_;
    const IOStatus done = work();
    std::lock_guard lock(shared_->mutex);
    if (done.ok() && !shared_->is_cut) shared_->synced_bytes[name_] = size;
    return done;
  }

  const std::string name_;
  std::atomic<uint64_t> size_;
  std::shared_ptr<PowerCutFileSystem::Shared> shared_;
};

TrackedFile::TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
                         uint64_t size, std::shared_ptr<PowerCutFileSystem::Shared> shared)
    : FSWritableFileOwnerWrapper(std::move(file)),
      name_(std::move(name)),
      size_(size),
      shared_(std::move(shared)) {}

class TrackedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  TrackedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name,
                   std::shared_ptr<PowerCutFileSystem::Shared> shared)
      : FSDirectoryWrapper(directory.get()),
        owned_(std::move(directory)),
        name_(std::move(name)),
        shared_(std::move(shared)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return synced([&] { return FSDirectoryWrapper::Fsync(options, dbg); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions& which) override {
    return synced([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, dbg, which); });
  }

 private:
  template <class Work>
  IOStatus synced(const Work& work) {
    const IOStatus alive = shared_->sync_begins();
    if (!alive.ok()) return alive;
    const IOStatus done = work();
    std::lock_guard lock(shared_->mutex);
    if (done.ok() && !shared_->is_cut) {
      std::erase_if(shared_->unsynced_names, [&](const std::string& file) {
        return std::filesystem::path(file).parent_path() == std::filesystem::path(name_);
      });
    }
    return done;
  }

  std::unique_ptr<rocksdb::FSDirectory> owned_;
  const std::string name_;
  std::shared_ptr<PowerCutFileSystem::Shared> shared_;
};

class TrackingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit TrackingFileSystem(std::shared_ptr<PowerCutFileSystem::Shared> shared)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), shared_(std::move(shared)) {}

  static const char* kClassName() { return "TrackingFileSystem"; }
  const char* Name() const override { return kClassName(); }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* dbg) override {
    return track(name, 0, result,
                 [&] { return FileSystemWrapper::NewWritableFile(name, options, result, dbg); });
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* dbg) override {
    std::error_code code;
    const uint64_t size = std::filesystem::file_size(name, code);
    return track(name, code ? 0 : size, result,
                 [&] { return FileSystemWrapper::ReopenWritableFile(name, options, result, dbg); });
  }
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                             const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                             IODebugContext* dbg) override {
    forget(old_name);
    return track(name, 0, result, [&] {
      return FileSystemWrapper::ReuseWritableFile(name, old_name, options, result, dbg);
    });
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* dbg) override {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    const IOStatus done = FileSystemWrapper::NewDirectory(name, options, result, dbg);
    if (done.ok()) {
      *result = std::make_unique<TrackedDirectory>(std::move(*result), name, shared_);
    }
    return done;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* dbg) override {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    forget(name);
    return FileSystemWrapper::DeleteFile(name, options, dbg);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    {
      std::lock_guard lock(shared_->mutex);
      shared_->unsynced_names.erase(from);
      shared_->unsynced_names.erase(to);
      const auto known = shared_->synced_bytes.extract(from);
      if (known) shared_->synced_bytes[to] = known.mapped();
    }
    return FileSystemWrapper::RenameFile(from, to, options, dbg);
  }

 private:
  template <class Open>
  IOStatus track(const std::string& name, uint64_t size,
                 std::unique_ptr<rocksdb::FSWritableFile>* result, const Open& open) {
    const IOStatus alive = shared_->alive();
    if (!alive.ok()) return alive;
    const IOStatus done = open();
    if (!done.ok()) return done;
    std::lock_guard lock(shared_->mutex);
    shared_->synced_bytes[name] = size;
    if (size == 0) shared_->unsynced_names.insert(name);
    *result = std::make_unique<TrackedFile>(std::move(*result), name, size, shared_);
    return done;
  }
  void forget(const std::string& name) {
    std::lock_guard lock(shared_->mutex);
    shared_->synced_bytes.erase(name);
    shared_->unsynced_names.erase(name);
  }

  std::shared_ptr<PowerCutFileSystem::Shared> shared_;
};

}  // namespace

PowerCutFileSystem::PowerCutFileSystem()
    : shared_(std::make_shared<Shared>()),
      env_(rocksdb::NewCompositeEnv(std::make_shared<TrackingFileSystem>(shared_))) {}

PowerCutFileSystem::~PowerCutFileSystem() = default;

void PowerCutFileSystem::cut() {
  std::lock_guard lock(shared_->mutex);
  shared_->is_cut = true;
}

void PowerCutFileSystem::cut_at_sync(uint64_t nth) {
  std::lock_guard lock(shared_->mutex);
  shared_->cut_at_sync = shared_->syncs + nth;
}

bool PowerCutFileSystem::is_cut() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->is_cut;
}

uint64_t PowerCutFileSystem::syncs() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->syncs;
}

uint64_t PowerCutFileSystem::lose_unsynced() {
  std::lock_guard lock(shared_->mutex);
  uint64_t lost = 0;
  for (const auto& [name, bytes] : shared_->synced_bytes) {
    std::error_code code;
    const uint64_t size = std::filesystem::file_size(name, code);
    if (code) continue;
    if (shared_->unsynced_names.contains(name)) {
      lost += size;
      std::filesystem::remove(name, code);
    } else if (size > bytes) {
      lost += size - bytes;
      std::filesystem::resize_file(name, bytes, code);
    }
  }
  return lost;
}

}  // namespace fengsui::test
