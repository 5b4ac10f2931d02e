// Places on the earth.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "cel/overloads.h"

namespace fengsui::cel {
namespace {

constexpr double kEarthRadiusMetres = 6371008.8;  // mean radius (IUGG)
constexpr int64_t kGeohashLengthMax = 12;
constexpr std::string_view kGeohashLetters = "0123456789bcdefghjkmnpqrstuvwxyz";

double radians(double degrees) { return degrees * std::numbers::pi / 180.0; }

bool are_doubles(Arguments arguments, size_t count) {
  return arguments.size() >= count &&
         std::all_of(arguments.begin(), arguments.begin() + static_cast<ptrdiff_t>(count),
                     [](const Value* v) { return v->kind() == Kind::Double; });
}

// A geohash as the column and the row that it is of its length's grid, from the south-west.
struct Cell {
  uint64_t column = 0;
  uint64_t row = 0;
  int column_bits = 0;
  int row_bits = 0;
};

std::optional<Cell> cell_of(std::string_view geohash) {
  if (geohash.empty() || geohash.size() > kGeohashLengthMax) return std::nullopt;
  Cell out;
  for (const char letter : geohash) {
    const size_t bits = kGeohashLetters.find(letter);
    if (bits == kGeohashLetters.npos) return std::nullopt;
    for (int i = 4; i >= 0; --i) {
      const bool is_column = out.column_bits == out.row_bits;
      uint64_t& half = is_column ? out.column : out.row;
      half = half << 1 | (bits >> i & 1);
      ++(is_column ? out.column_bits : out.row_bits);
    }
  }
  return out;
}

std::string geohash_of(const Cell& cell) {
  std::string out;
  unsigned letter = 0;
  int columns = cell.column_bits;
  int rows = cell.row_bits;
  for (int taken = 1; columns + rows > 0; ++taken) {
    const bool is_column = taken % 2 == 1;
    const uint64_t bit = is_column ? cell.column >> --columns : cell.row >> --rows;
    letter = letter << 1 | static_cast<unsigned>(bit & 1);
    if (taken % 5 != 0) continue;
    out.push_back(kGeohashLetters[letter]);
    letter = 0;
  }
  return out;
}

// The cell of the one argument, or the error.
Expected<Cell, Value> cell_argument(Arguments arguments, const char* function) {
  if (arguments[0]->kind() != Kind::String) {
    return fail(Value::error(ErrorCode::NoMatchingOverload, function));
  }
  const std::optional<Cell> cell = cell_of(arguments[0]->as_string());
  if (!cell) {
    return fail(Value::error(ErrorCode::InvalidArgument, std::string(function) + " of no geohash"));
  }
  return *cell;
}

// The middle of part `index` of 2^bits that `span` degrees round 0 are cut into; exact.
Value middle(uint64_t index, int bits, double span) {
  return Value::real(std::ldexp((static_cast<double>(index) + 0.5) * span, -bits) - span / 2);
}

}  // namespace

// Haversine, in metres.
Value place_distance(Arguments arguments, Budget&) {
  if (!are_doubles(arguments, 4)) {
    return Value::error(ErrorCode::NoMatchingOverload, "distance()");
  }
  const double lat1 = radians(arguments[0]->as_double());
  const double lat2 = radians(arguments[2]->as_double());
  const double half_lat = std::sin((lat2 - lat1) / 2);
  const double half_lon =
      std::sin(radians(arguments[3]->as_double() - arguments[1]->as_double()) / 2);
  const double a = half_lat * half_lat + std::cos(lat1) * std::cos(lat2) * half_lon * half_lon;
  return Value::real(2 * kEarthRadiusMetres * std::asin(std::min(1.0, std::sqrt(a))));
}

// Niemeyer's geohash: longitude and latitude halved in turn, five bits a letter.
Value place_geohash(Arguments arguments, Budget&) {
  if (!are_doubles(arguments, 2) || arguments[2]->kind() != Kind::Int) {
    return Value::error(ErrorCode::NoMatchingOverload, "geohash()");
  }
  const double lat = arguments[0]->as_double();
  const double lon = arguments[1]->as_double();
  const int64_t length = arguments[2]->as_int();
  if (!(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) || length < 1 ||
      length > kGeohashLengthMax) {
    return Value::error(ErrorCode::OutOfRange, "geohash()");
  }
  double low[2] = {-180, -90};
  double high[2] = {180, 90};
  const double value[2] = {lon, lat};
  std::string out;
  for (int64_t letter = 0, axis = 0; letter < length; ++letter) {
    unsigned bits = 0;
    for (int bit = 0; bit < 5; ++bit, axis ^= 1) {
      const double middle = (low[axis] + high[axis]) / 2;
      const bool upper = value[axis] >= middle;
      bits = bits << 1 | static_cast<unsigned>(upper);
      (upper ? low : high)[axis] = middle;
    }
    out.push_back(kGeohashLetters[bits]);
  }
  return Value::string(std::move(out));
}

// From the north clockwise. There is nothing beyond a pole; round the earth it goes on.
Value place_neighbours(Arguments arguments, Budget& budget) {
  const Expected<Cell, Value> cell = cell_argument(arguments, "neighbours()");
  if (!cell) return cell.error();
  static constexpr int kSteps[][2] = {{0, 1},  {1, 1},   {1, 0},  {1, -1},
                                      {0, -1}, {-1, -1}, {-1, 0}, {-1, 1}};  // east, north
  if (!budget.spend(std::size(kSteps))) return out_of_budget();
  const int64_t columns = int64_t{1} << cell->column_bits;
  const int64_t rows = int64_t{1} << cell->row_bits;
  ListValue out;
  for (const auto& [east, north] : kSteps) {
    const int64_t row = static_cast<int64_t>(cell->row) + north;
    if (row < 0 || row >= rows) continue;
    Cell other = *cell;
    other.row = static_cast<uint64_t>(row);
    other.column =
        static_cast<uint64_t>((static_cast<int64_t>(cell->column) + east + columns) % columns);
    out.push_back(Value::string(geohash_of(other)));
  }
  return Value::list(std::move(out));
}

Value place_cell_lat(Arguments arguments, Budget&) {
  const Expected<Cell, Value> cell = cell_argument(arguments, "cellLat()");
  return cell ? middle(cell->row, cell->row_bits, 180) : cell.error();
}

Value place_cell_lon(Arguments arguments, Budget&) {
  const Expected<Cell, Value> cell = cell_argument(arguments, "cellLon()");
  return cell ? middle(cell->column, cell->column_bits, 360) : cell.error();
}

}  // namespace fengsui::cel
