// The memory of groups: pieces do not overlap, keep what is written, and are used again.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "window/slab.h"

namespace fengsui::window {
namespace {

TEST_CASE("slab: a piece's room is at least what was asked for, and at most an eighth more") {
  size_t before = 0;
  for (size_t bytes = 1; bytes <= 3 * Slab::kPieceMax; ++bytes) {
    CAPTURE(bytes);
    const size_t room = Slab::room(bytes);
    REQUIRE(room >= bytes);
    REQUIRE(room >= before);
    REQUIRE(room % 8 == 0);
    REQUIRE(room <= bytes + (bytes <= 128 ? 7 : bytes / 8 + 8));
    REQUIRE(Slab::room(room) == room);
    before = room;
  }
}

TEST_CASE("slab: pieces come and go, and each keeps its bytes") {
  struct Piece {
    char* at;
    size_t bytes;
    char filled;
  };
  int owner = 0;
  Slab slab(&owner);
  std::mt19937 random(1);
  std::vector<Piece> pieces;
  for (int n = 0; n < 20'000; ++n) {
    if (pieces.empty() || random() % 5 < 3) {
      const size_t bytes = random() % 50 == 0 ? 1 + random() % 200'000 : 1 + random() % 600;
      char* const at = static_cast<char*>(slab.take(bytes));
      REQUIRE(reinterpret_cast<uintptr_t>(at) % 8 == 0);
      REQUIRE(Slab::owner_of(at) == &owner);
      const char filled = static_cast<char>(random());
      std::memset(at, filled, Slab::room(bytes));
      pieces.push_back({at, bytes, filled});
    } else {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      const Piece piece = pieces.back();
      pieces.pop_back();
      const std::vector<char> wanted(Slab::room(piece.bytes), piece.filled);
      REQUIRE(std::memcmp(piece.at, wanted.data(), wanted.size()) == 0);
      slab.give(piece.at, piece.bytes);
    }
  }
  CHECK(slab.bytes_used() > 0);
  for (const Piece& piece : pieces) slab.give(piece.at, piece.bytes);
  CHECK(slab.bytes_used() == 0);
}

TEST_CASE("slab: what was given back is taken again") {
  Slab slab;
  void* const first = slab.take(100);
  slab.give(first, 100);
  CHECK(slab.take(97) == first);  // of the same class
  CHECK(slab.take(100) != first);
}

}  // namespace
}  // namespace fengsui::window
