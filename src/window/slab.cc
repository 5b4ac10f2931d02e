#include "window/slab.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace fengsui::window {
namespace {

// So that the address sanitizer sees the use of a piece that was given back.
void poison([[maybe_unused]] void* at, [[maybe_unused]] size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  ASAN_POISON_MEMORY_REGION(at, bytes);
#endif
}
void unpoison([[maybe_unused]] void* at, [[maybe_unused]] size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  ASAN_UNPOISON_MEMORY_REGION(at, bytes);
#endif
}

// Up to 128 bytes a class every 8; beyond, eight to each doubling.
constexpr size_t kFineStep = 8, kFineMax = 128, kFineClasses = kFineMax / kFineStep;
constexpr int kFineMaxBits = 7, kStepBits = 3;
// Memory is asked for in regions that grow with the slab: pages that nothing touched cost none.
constexpr size_t kRegionMin = 1 << 20, kRegionMax = size_t{32} << 20;

char* map_aligned(size_t bytes) {
  const size_t wanted = bytes + Slab::kChunkBytes;
  void* const mapped = ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const from = static_cast<char*>(mapped);
  const auto address = reinterpret_cast<uintptr_t>(from);
  const size_t before = (Slab::kChunkBytes - address % Slab::kChunkBytes) % Slab::kChunkBytes;
  if (before > 0) ::munmap(from, before);
  const size_t after = wanted - before - bytes;
  if (after > 0) ::munmap(from + before + bytes, after);
  return from + before;
}

size_t round_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

Slab::~Slab() {
  while (mappings_ != nullptr) give_mapping(reinterpret_cast<char*>(mappings_) + kHeadBytes);
  for (const Region& region : regions_) {
    unpoison(region.at, region.bytes);
    ::munmap(region.at, region.bytes);
  }
}

size_t Slab::class_of(size_t bytes) {
  if (bytes <= kFineMax) return (std::max<size_t>(bytes, 1) - 1) / kFineStep;
  // The bits below the highest one of the last byte's place say which of the eight.
  const size_t last = bytes - 1;
  const int bits = std::bit_width(last) - 1;
  const size_t step = (last >> (bits - kStepBits)) & ((1 << kStepBits) - 1);
  return kFineClasses + (static_cast<size_t>(bits - kFineMaxBits) << kStepBits) + step;
}

size_t Slab::size_of(size_t size_class) {
  if (size_class < kFineClasses) return (size_class + 1) * kFineStep;
  const size_t coarse = size_class - kFineClasses;
  const size_t doubling = coarse >> kStepBits, step = coarse & ((1 << kStepBits) - 1);
  return (((size_t{1} << kStepBits) + step + 1) << (kFineMaxBits - kStepBits)) << doubling;
}

size_t Slab::room(size_t bytes) {
  return bytes <= kPieceMax ? size_of(class_of(bytes)) : round_up(bytes, kFineStep);
}

Slab::Head* Slab::new_chunk() {
  if (region_left_ == 0) {
    size_t before = 0;
    for (const Region& region : regions_) before += region.bytes;
    const size_t bytes = std::clamp(std::bit_floor(before), kRegionMin, kRegionMax);
    regions_.push_back({map_aligned(bytes), bytes});
    region_left_ = bytes;
  }
  const Region& last = regions_.back();
  char* const at = static_cast<char*>(last.at) + (last.bytes - region_left_);
  region_left_ -= kChunkBytes;
  return new (at) Head{owner_, nullptr, nullptr, kChunkBytes};
}

void* Slab::take_chunk() {
  used_ += kChunkRoom;
  return reinterpret_cast<char*>(new_chunk()) + kHeadBytes;
}

void* Slab::take(size_t bytes) {
  if (bytes > kPieceMax) return take_mapping(bytes);
  const size_t size_class = class_of(bytes), size = size_of(size_class);
  Class& its = classes_[size_class];
  used_ += size;
  if (its.free != nullptr) {
    Free* const piece = its.free;
    unpoison(piece, size);
    its.free = piece->next;
    return piece;
  }
  if (static_cast<size_t>(its.end - its.next) < size) {
    its.next = reinterpret_cast<char*>(new_chunk()) + kHeadBytes;
    its.end = its.next + kChunkRoom;
  }
  char* const piece = its.next;
  its.next += size;
  return piece;
}

void Slab::give(void* piece, size_t bytes) {
  if (bytes > kPieceMax) return give_mapping(piece);
  const size_t size_class = class_of(bytes), size = size_of(size_class);
  used_ -= size;
  Class& its = classes_[size_class];
  its.free = new (piece) Free{its.free};
  poison(piece, size);
}

void* Slab::take_mapping(size_t bytes) {
  const size_t mapped = round_up(bytes + kHeadBytes, kChunkBytes);
  Head* const head = new (map_aligned(mapped)) Head{owner_, nullptr, mappings_, mapped};
  if (mappings_ != nullptr) mappings_->before = head;
  mappings_ = head;
  used_ += mapped;
  return reinterpret_cast<char*>(head) + kHeadBytes;
}

void Slab::give_mapping(void* piece) {
  auto* const head = reinterpret_cast<Head*>(static_cast<char*>(piece) - kHeadBytes);
  (head->before != nullptr ? head->before->after : mappings_) = head->after;
  if (head->after != nullptr) head->after->before = head->before;
  used_ -= head->bytes;
  ::munmap(head, head->bytes);
}

void* Slab::owner_of(const void* piece) {
  const auto address = reinterpret_cast<uintptr_t>(piece);
  return reinterpret_cast<const Head*>(address - address % kChunkBytes)->owner;
}

}  // namespace fengsui::window
