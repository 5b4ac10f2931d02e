#include <doctest/doctest.h>

#include "base/hash.h"
#include "state/commit.h"
#include "state/frame.h"

namespace fengsui::state {
namespace {

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

Frame example_frame() {
  Frame frame;
  frame.position = LogPosition{300};
  match::Match match;
  match.rule = RuleIndex{7};
  match.partition = PartitionId{2};
  match.time = at(1'772'323'200'480);
  match.arrival = Arrival{41};
  const std::string group = match::bytes_of(
      {cel::Value::string("OUT00954"), cel::Value::integer(-3), cel::Value::boolean(true)});
  const std::string captures =
      match::bytes_of({cel::Value::real(4.5), cel::Value::missing(), cel::Value::null(),
                       cel::Value::error(cel::ErrorCode::OutOfRange, "int overflow"),
                       cel::Value::list({cel::Value::integer(1), cel::Value::string("\0x")})});
  match.bytes = match::MatchBytes::make(group, captures, {"courier/00", "#", "e0000000001"});
  frame.matches.push_back(match);
  // Another of the same event.
  match.rule = RuleIndex{8};
  match.bytes = match::MatchBytes::make(captures, group, {match.event()}, &match.bytes);
  frame.matches.push_back(match);
  match.arrival = Arrival{42};
  match.time -= Duration{86'400'000};
  match.late = true;
  match.watermark = at(1'772'323'200'000);
  frame.matches.push_back(match);
  frame.marks = {{PartitionId{0}, kBeforeAllTime, true},
                 {PartitionId{2}, at(1'772'323'200'480), false},
                 {PartitionId{3}, kAfterAllTime, true}};
  return frame;
}

TEST_CASE("a frame reads back as it was written") {
  const Frame frame = example_frame();
  const std::string bytes = encode_frame(frame);
  const Expected<Frame> back = decode_frame(bytes);
  REQUIRE(back);
  CHECK(back->position == frame.position);
  REQUIRE(back->matches.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    const match::Match &got = back->matches[i], &want = frame.matches[i];
    CHECK(got.rule == want.rule);
    CHECK(got.partition == want.partition);
    CHECK(got.time == want.time);
    CHECK(got.arrival == want.arrival);
    CHECK(got.late == want.late);
    CHECK(got.watermark == want.watermark);
    CHECK(got.event() == "courier/00#e0000000001");
    CHECK(got.group() == want.group());
    CHECK(got.captures() == want.captures());
    CHECK(got.bytes.group_hash() == want.bytes.group_hash());
  }
  REQUIRE(back->marks.size() == 3);
  CHECK(back->marks[0].watermark == kBeforeAllTime);
  CHECK_FALSE(back->marks[1].active);
  CHECK(back->marks[2].watermark == kAfterAllTime);
  // Equal frames have equal bytes: what is read back writes the same.
  CHECK(encode_frame(*back) == bytes);
}

TEST_CASE("an empty frame is a frame") {
  Frame frame;
  frame.position = LogPosition{1};
  const Expected<Frame> back = decode_frame(encode_frame(frame));
  REQUIRE(back);
  CHECK(back->empty());
}

TEST_CASE("every damaged or cut frame is refused") {
  const std::string bytes = encode_frame(example_frame());
  for (size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(decode_frame(bytes.substr(0, i)));
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    const Expected<Frame> back = decode_frame(flipped);
    REQUIRE_FALSE(back);
    CHECK(back.error().kind == Error::Kind::Outside);
  }
}

TEST_CASE("a frame whose CRC fits but whose layout lies is refused") {
  std::string bytes = encode_frame(example_frame());
  bytes.resize(bytes.size() - 4);
  const std::string cases[] = {bytes + "x", bytes.substr(0, bytes.size() - 1),
                               std::string("\x03\x01\x00\xff\xff\xff\xff\x0f", 8)};
  for (std::string body : cases) {
    ByteWriter(body).u32(crc32c(body));
    const Expected<Frame> back = decode_frame(body);
    REQUIRE_FALSE(back);
    CHECK(back.error().message.find("layout") != std::string::npos);
  }
}

TEST_CASE("an unknown version is named") {
  std::string bytes = encode_frame(example_frame());
  bytes[0] = 9;
  const Expected<Frame> back = decode_frame(bytes);
  REQUIRE_FALSE(back);
  CHECK(back.error().message.find("version 9") != std::string::npos);
}

TEST_CASE("a commit's record reads back as it was written") {
  Commit commit;
  commit.frame = example_frame();
  commit.partitions = {{PartitionId{0}, "file:/in/a.ndjson", at(5), true, 77},
                       {PartitionId{1}, "http:x/3", kBeforeAllTime, false, std::nullopt}};
  commit.admitted = {{Hash128{1, 2}, PartitionId{1}, at(9)},
                     {Hash128{3, 4}, PartitionId{0}, at(2)}};
  commit.totals = {10, 6, 2, 1, 1, 3};
  commit.next_arrival = Arrival{43};
  std::string bytes;
  encode_commit(commit, bytes);
  const Expected<Commit> back = decode_commit(bytes);
  REQUIRE(back);
  CHECK(back->partitions.size() == 2);
  CHECK(back->partitions[0].next_position == 77);
  CHECK_FALSE(back->partitions[1].next_position);
  CHECK(back->partitions[1].name == "http:x/3");
  CHECK(back->admitted[1].identity == Hash128{3, 4});
  CHECK(back->admitted[1].time == at(2));
  CHECK(back->totals == commit.totals);
  std::string again = "before";
  encode_commit(*back, again);
  CHECK(again == "before" + bytes);
  // A frame that is encoded already is taken as it is.
  Commit encoded = *back;
  encoded.encoded_frame = encode_frame(back->frame);
  encoded.frame.matches.clear();
  again.clear();
  encode_commit(encoded, again);
  CHECK(again == bytes);
  for (size_t i = 0; i < bytes.size(); ++i) CHECK_FALSE(decode_commit(bytes.substr(0, i)));
}

}  // namespace
}  // namespace fengsui::state
