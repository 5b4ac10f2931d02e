// The one header of this folder that includes Asio. <utility> stands first: Boost 1.74 needs it
// with g++ 12.
// Only http_server.cc, http_session.{h,cc} and tests include this; it is dear to compile.
#pragma once

#include <utility>
// clang-format off
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
// clang-format on
