// Places on the earth.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "cel/overloads.h"

namespace fengsui::cel {
namespace {

constexpr double kEarthRadiusMetres = 6371008.8;  // mean radius (IUGG)
constexpr int64_t kGeohashLengthMax = 12;

double radians(double degrees) { return degrees * std::numbers::pi / 180.0; }

bool are_doubles(Arguments arguments, size_t count) {
  return arguments.size() >= count &&
         std::all_of(arguments.begin(), arguments.begin() + static_cast<ptrdiff_t>(count),
                     [](const Value* v) { return v->kind() == Kind::Double; });
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
  static constexpr char kLetters[] = "0123456789bcdefghjkmnpqrstuvwxyz";
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
    out.push_back(kLetters[bits]);
  }
  return Value::string(std::move(out));
}

}  // namespace fengsui::cel
