// From `when`s to shapes: which conjuncts of a rule become its key, which its ranges, and what is
// left to test.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/byte_codec.h"
#include "match/when_index.h"

namespace fengsui::match {
namespace {

using cel::Conjunct;
using Form = Conjunct::Form;

// A rule stands under so many keys at most: what has more values is tested instead.
constexpr size_t kKeysMax = 64;
constexpr double kLowest = -std::numeric_limits<double>::infinity();

bool is_key_form(Form form) { return form != Form::NotEqual && Column::kind_of(form).has_value(); }

// Conjuncts with the same are the same.
std::string atom_key(const Conjunct& conjunct) {
  std::string key;
  ByteWriter out(key);
  out.u8(static_cast<uint8_t>(conjunct.form));
  out.signed_varint(conjunct.slot);
  out.signed_varint(conjunct.keywords);
  out.text(conjunct.key);
  for (const cel::Value& v : conjunct.values) cel::encode_value(out, v);
  return key;
}

// A comparison with a number as "no less than", if need be of both turned round.
struct Bound {
  bool downwards;
  double least;
};

std::optional<Bound> bound_of(const Conjunct& part) {
  if (!is_range(part.form)) return std::nullopt;
  const std::optional<double> number = plain_number(part.values[0]);
  if (!number) return std::nullopt;
  const bool downwards = part.form == Form::Less || part.form == Form::LessEqual;
  const bool is_strict = part.form == Form::Less || part.form == Form::Greater;
  double least = downwards ? -*number : *number;
  if (is_strict) {
    if (least == std::numeric_limits<double>::infinity()) {
      least = std::nan("");  // nothing is more
    } else {
      least = std::nextafter(least, std::numeric_limits<double>::infinity());
    }
  }
  return Bound{downwards, least};
}

bool has_guard(const std::vector<Conjunct>& parts, int slot) {
  return std::any_of(parts.begin(), parts.end(), [&](const Conjunct& part) {
    return part.is_early && part.form == Form::Has && part.slot == slot;
  });
}

}  // namespace

class WhenIndex::Builder {
 public:
  Builder(WhenIndex& index, const Sample& sample) : index_(index), sample_(sample) {}

  void add(const cel::Program* when) {
    std::vector<Conjunct>& parts = rules_.emplace_back();
    if (when) parts = cel::conjuncts_of(*when);
    for (const Conjunct& part : parts) {
      if (part.form == Form::Mentions) {
        mentions_room_ = std::max(mentions_room_, static_cast<size_t>(part.slot) + 1);
      }
      if (!part.is_early || !Column::kind_of(part.form)) continue;
      index_.columns_[column_of(part)].add(part);
    }
  }

  void finish() {
    for (Column& column : index_.columns_) column.finish();
    for (uint32_t rule = 0; rule < rules_.size(); ++rule) draft(rule);
    std::map<std::tuple<Key, Range, Range>, std::vector<const Draft*>> shapes;
    for (auto& [alike, drafts] : groups_) {
      const std::vector<Range> ranges = order_of(alike.second, drafts);
      for (Draft& one : drafts) {
        const auto [first, second] = place(one, ranges);
        shapes[{alike.first, first, second}].push_back(&one);
      }
    }
    std::set<uint32_t> columns;
    for (const auto& [alike, drafts] : shapes) {
      const bool is_mentions = std::get<0>(alike).second.slot >= 0;
      Shape& shape = (is_mentions ? index_.mention_shapes_ : index_.shapes_).emplace_back();
      std::tie(shape.key, shape.mentions) = std::get<0>(alike);
      std::tie(std::ignore, shape.first, shape.second) = alike;
      fill(shape, drafts);
      for (const KeyPart& part : shape.key) columns.insert(part.column);
    }
    index_.key_columns_.assign(columns.begin(), columns.end());
    index_.room_ = std::max(
        {index_.atoms_.size(), index_.columns_.size(), index_.shapes_.size() + 1, mentions_room_});
  }

 private:
  // A rule on its way into a shape.
  struct Draft {
    uint32_t rule = 0;
    std::vector<bool> is_done;                   // by part: key or range has tested it
    std::vector<std::vector<uint32_t>> numbers;  // of each part of the key
    uint32_t set = 0;                            // of mentions: the keyword set
    std::vector<std::pair<Range, size_t>> ranges;
    double first = kLowest, second = kLowest;
    Checks rest;  // what neither key nor range has tested
    Checks all;
  };
  using Key = std::pair<std::vector<KeyPart>, Mentions>;
  // The same key, and ranges over the same.
  using Alike = std::pair<Key, std::vector<Range>>;

  uint32_t column_of(const Conjunct& part) {
    const auto [at, is_new] = columns_.try_emplace({part.slot, *Column::kind_of(part.form)},
                                                   static_cast<uint32_t>(index_.columns_.size()));
    if (is_new) index_.columns_.emplace_back(part.slot, *Column::kind_of(part.form));
    return at->second;
  }

  void draft(uint32_t rule) {
    const std::vector<Conjunct>& parts = rules_[rule];
    Draft out;
    out.rule = rule;
    out.is_done.resize(parts.size());
    Key key{choose_key(parts, out), Mentions{}};
    if (key.first.empty()) key.second = choose_mentions(parts, out);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].is_early) continue;
      const std::optional<Bound> bound = bound_of(parts[i]);
      if (!bound || bound->least != bound->least) continue;
      const Range range{parts[i].slot, bound->downwards, has_guard(parts, parts[i].slot)};
      const bool is_taken = std::any_of(out.ranges.begin(), out.ranges.end(),
                                        [&](const auto& other) { return other.first == range; });
      if (!is_taken) out.ranges.push_back({range, i});
    }
    std::vector<Range> ranges;
    for (const auto& [range, part] : out.ranges) ranges.push_back(range);
    groups_[{std::move(key), std::move(ranges)}].push_back(std::move(out));
  }

  // The numbers of a part of the key; none: it is of no use there.
  std::vector<uint32_t> key_numbers(const Conjunct& part) {
    const Column& column = index_.columns_[column_of(part)];
    std::vector<uint32_t> numbers = column.numbers_of(part);
    if (!column.is_of_affixes()) return numbers;
    std::vector<uint32_t> each;
    if (numbers[1] - numbers[0] > kKeysMax) return each;
    for (uint32_t number = numbers[0]; number < numbers[1]; ++number) each.push_back(number);
    return each;
  }

  // One conjunct a column; those with few values first, as long as the keys stay few.
  std::vector<KeyPart> choose_key(const std::vector<Conjunct>& parts, Draft& out) {
    struct Choice {
      KeyPart part;
      std::vector<uint32_t> numbers;
      size_t at;
    };
    std::vector<Choice> choices;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].is_early || !is_key_form(parts[i].form)) continue;
      choices.push_back(
          {{column_of(parts[i]), has_guard(parts, parts[i].slot)}, key_numbers(parts[i]), i});
    }
    std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
      return a.numbers.size() < b.numbers.size();
    });
    std::vector<Choice> key;
    size_t keys = 1;
    for (Choice& choice : choices) {
      const bool is_taken = std::any_of(key.begin(), key.end(), [&](const Choice& other) {
        return other.part.column == choice.part.column;
      });
      if (is_taken || choice.numbers.empty() || keys * choice.numbers.size() > kKeysMax) continue;
      keys *= choice.numbers.size();
      out.is_done[choice.at] = true;
      key.push_back(std::move(choice));
    }
    std::sort(key.begin(), key.end(),
              [](const Choice& a, const Choice& b) { return a.part < b.part; });
    std::vector<KeyPart> columns;
    for (Choice& choice : key) {
      columns.push_back(choice.part);
      out.numbers.push_back(std::move(choice.numbers));
    }
    return columns;
  }

  // The first one's set becomes the key.
  static Mentions choose_mentions(const std::vector<Conjunct>& parts, Draft& out) {
    for (size_t i = 0; i < parts.size(); ++i) {
      const Conjunct& part = parts[i];
      if (!part.is_early || part.form != Form::Mentions) continue;
      out.set = static_cast<uint32_t>(part.keywords);
      out.is_done[i] = true;
      return {part.slot, has_guard(parts, part.slot)};
    }
    return {};
  }

  // The ranges, those first that let few of the sample's events pass.
  std::vector<Range> order_of(const std::vector<Range>& ranges, const std::vector<Draft>& drafts) {
    std::vector<std::pair<size_t, Range>> passed;
    for (size_t i = 0; i < ranges.size(); ++i) {
      size_t count = 0;
      // As many rules as are enough to tell.
      constexpr size_t kAsked = 32;
      const size_t step = drafts.size() / kAsked + 1;
      for (size_t d = 0; ranges.size() > 1 && d < drafts.size(); d += step) {
        const Draft& draft = drafts[d];
        const Bound bound = *bound_of(rules_[draft.rule][draft.ranges[i].second]);
        count += sample_.passing(ranges[i].slot, bound.downwards, bound.least);
      }
      passed.emplace_back(count, ranges[i]);
    }
    std::stable_sort(passed.begin(), passed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Range> order;
    for (const auto& [count, range] : passed) order.push_back(range);
    if (order.size() > 1) index_.choices_.push_back(order);
    return order;
  }

  // Settles what the draft's entries stand under, and what is left.
  std::pair<Range, Range> place(Draft& draft, const std::vector<Range>& order) {
    const std::vector<Conjunct>& parts = rules_[draft.rule];
    std::pair<Range, Range> ranges;
    for (size_t i = 0; i < 2 && i < order.size(); ++i) {
      const auto at = std::find_if(draft.ranges.begin(), draft.ranges.end(),
                                   [&](const auto& range) { return range.first == order[i]; });
      draft.is_done[at->second] = true;
      (i == 0 ? ranges.first : ranges.second) = order[i];
      (i == 0 ? draft.first : draft.second) = bound_of(parts[at->second])->least;
    }
    // A value there is what has() asks for.
    const auto is_read = [&](int slot) {
      for (size_t i = 0; i < parts.size(); ++i) {
        if (draft.is_done[i] && parts[i].form != Form::Has && parts[i].slot == slot) return true;
      }
      return false;
    };
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].is_early || parts[i].form != Form::Has) continue;
      if (is_read(parts[i].slot)) draft.is_done[i] = true;
    }
    draft.rest = checks(parts, draft.is_done);
    draft.all = checks(parts, std::vector<bool>(parts.size()));
    return ranges;
  }

  Checks checks(const std::vector<Conjunct>& parts, const std::vector<bool>& is_done) {
    Checks out;
    out.begin = static_cast<uint32_t>(index_.checks_.size());
    out.is_whole = true;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].is_early) out.is_whole = false;
      if (!parts[i].is_early || is_done[i]) continue;
      const std::optional<Check> check = check_of(parts[i]);
      if (check) {
        index_.checks_.push_back(*check);
      } else {
        out.is_whole = false;
      }
    }
    out.end = static_cast<uint32_t>(index_.checks_.size());
    return out;
  }

  // nullopt: it is the evaluator's.
  std::optional<Check> check_of(const Conjunct& part) {
    using Kind = Check::Kind;
    Check check;
    if (is_range(part.form)) {
      const std::optional<Bound> bound = bound_of(part);
      if (!bound) return std::nullopt;
      check.kind = Kind::AtLeast;
      check.at = static_cast<uint32_t>(part.slot);
      check.downwards = bound->downwards;
      check.least = bound->least;
      return check;
    }
    if (!Column::kind_of(part.form) || part.form == Form::In) {
      check.at = atom(part);
      return check;
    }
    check.at = column_of(part);
    const std::vector<uint32_t> numbers = index_.columns_[check.at].numbers_of(part);
    check.first = numbers.empty() ? Column::kNever : numbers[0];
    if (index_.columns_[check.at].is_of_affixes()) {
      check.kind = Kind::Within;
      check.last = numbers[1];
    } else {
      check.kind = part.form == Form::NotEqual ? Kind::Different : Kind::Same;
    }
    return check;
  }

  uint32_t atom(const Conjunct& part) {
    const auto [at, is_new] =
        atoms_.try_emplace(atom_key(part), static_cast<uint32_t>(index_.atoms_.size()));
    if (!is_new) return at->second;
    Atom& atom = index_.atoms_.emplace_back();
    atom.conjunct = part;
    if (part.form == Form::In) {
      atom.column = column_of(part);
      atom.numbers = index_.columns_[atom.column].numbers_of(part);
    }
    return at->second;
  }

  // A choice of a number for each part of the key.
  struct Filed {
    const Draft* draft;
    uint64_t word;
  };

  static void file(const Shape& shape, const Draft& draft, size_t part, uint64_t word,
                   std::vector<Filed>& out) {
    if (part == shape.key.size()) {
      out.push_back({&draft, word});
      return;
    }
    for (const uint32_t number : draft.numbers[part]) {
      const uint64_t next =
          shape.is_wide ? mixed(word, number) : word | uint64_t{number} << shape.key[part].shift;
      file(shape, draft, part + 1, next, out);
    }
  }

  void fill(Shape& shape, const std::vector<const Draft*>& drafts) {
    int bits = 0;
    for (KeyPart& part : shape.key) {
      part.shift = static_cast<uint8_t>(std::min(bits, 63));
      bits += std::bit_width(index_.columns_[part.column].count());
    }
    shape.is_wide = bits > 64;
    std::vector<Filed> filed;
    for (const Draft* draft : drafts) {
      file(shape, *draft, 0, draft->set, filed);
      shape.members.push_back({draft->rule, draft->all});
    }
    std::stable_sort(filed.begin(), filed.end(), [](const Filed& a, const Filed& b) {
      return std::tuple(a.word, a.draft->first) < std::tuple(b.word, b.draft->first);
    });
    for (const Filed& one : filed) {
      const Draft& draft = *one.draft;
      shape.entries.push_back({draft.rule, shape.is_wide ? draft.all : draft.rest});
      if (shape.first.slot >= 0) shape.firsts.push_back(draft.first);
      if (shape.second.slot >= 0) shape.seconds.push_back(draft.second);
    }
    for (size_t begin = 0, end = 0; begin < filed.size(); begin = end) {
      while (end < filed.size() && filed[end].word == filed[begin].word) ++end;
      shape.buckets.put(filed[begin].word, static_cast<uint32_t>(begin),
                        static_cast<uint32_t>(end));
    }
    for (size_t i = 0; i < shape.seconds.size(); ++i) {
      if (i % kBlock == 0) shape.lowest.push_back(shape.seconds[i]);
      shape.lowest.back() = std::min(shape.lowest.back(), shape.seconds[i]);
    }
  }

  WhenIndex& index_;
  const Sample& sample_;
  size_t mentions_room_ = 0;  // slots up to the last that is asked for keywords
  std::vector<std::vector<Conjunct>> rules_;
  std::map<std::pair<int, Column::Kind>, uint32_t> columns_;
  std::map<Alike, std::vector<Draft>> groups_;
  std::unordered_map<std::string, uint32_t> atoms_;
};

WhenIndex::WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables,
                     const Sample& sample)
    : tables_(tables) {
  Builder builder(*this, sample);
  for (const cel::Program* when : whens) builder.add(when);
  builder.finish();
}

}  // namespace fengsui::match
