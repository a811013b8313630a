#include "leak_detectors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <gatehouse/base/ascii.hpp>

#include "leak_context.hpp"

namespace gatehouse::detail::rules {
namespace {

using enum leak;
using namespace leak_context;

// A literal says nothing that an ordinary answer says; where it could, a condition from leak_context says what must
// stand around it. Answers escape what they quote ("\"", "&quot;", "\u0027"), so literals avoid quotes where they can.
constexpr std::array unordered{
    // ------------------------------------------------------------------ Python
    leak_detector{"Traceback (most recent call last)", stack_frame},
    leak_detector{R"(.py", line )", stack_frame, number_after},
    leak_detector{R"(.py\", line )", stack_frame, number_after},
    leak_detector{".py&quot;, line ", stack_frame, number_after},
    leak_detector{".py&#34;, line ", stack_frame, number_after}, leak_detector{"<frozen importlib", stack_frame},
    // ------------------------------------------------------------------ Java, Kotlin, Scala, Groovy
    leak_detector{".java:", stack_frame, number_after}, leak_detector{".kt:", stack_frame, number_after},
    leak_detector{".scala:", stack_frame, number_after}, leak_detector{".groovy:", stack_frame, number_after},
    leak_detector{"(Native Method)", stack_frame}, leak_detector{"(Unknown Source)", stack_frame},
    leak_detector{"Exception in thread ", stack_frame}, leak_detector{"nested exception is ", stack_frame},
    leak_detector{"Exception", stack_frame, exception_class_before},
    leak_detector{"Error", stack_frame, error_class_before}, leak_detector{"at ", stack_frame, call_after},
    // ------------------------------------------------------------------ .NET
    leak_detector{".cs:line ", stack_frame, number_after}, leak_detector{".vb:line ", stack_frame, number_after},
    leak_detector{".fs:line ", stack_frame, number_after},
    leak_detector{"End of stack trace from previous location", stack_frame},
    leak_detector{"End of inner exception stack trace", stack_frame},
    // ------------------------------------------------------------------ Node
    leak_detector{".js:", stack_frame, line_and_column_after},
    leak_detector{".mjs:", stack_frame, line_and_column_after},
    leak_detector{".cjs:", stack_frame, line_and_column_after},
    leak_detector{".jsx:", stack_frame, line_and_column_after},
    leak_detector{".ts:", stack_frame, line_and_column_after},
    leak_detector{".mts:", stack_frame, line_and_column_after},
    leak_detector{".tsx:", stack_frame, line_and_column_after}, leak_detector{"node:internal/", stack_frame},
    leak_detector{"Object.<anonymous>", stack_frame}, leak_detector{"connect ECONNREFUSED", private_address},
    leak_detector{"connect ETIMEDOUT", private_address}, leak_detector{"connect EHOSTUNREACH", private_address},
    leak_detector{"getaddrinfo ENOTFOUND", private_address}, leak_detector{"getaddrinfo EAI_AGAIN", private_address},
    leak_detector{"ENOENT: ", file_path}, leak_detector{"EACCES: ", file_path},
    // ------------------------------------------------------------------ PHP
    leak_detector{"PHP Fatal error", stack_frame}, leak_detector{"Fatal error: Uncaught ", stack_frame},
    leak_detector{"Fatal error</b>:", stack_frame}, leak_detector{".php on line ", stack_frame},
    leak_detector{".php</b> on line ", stack_frame}, leak_detector{".php:", stack_frame, number_after},
    leak_detector{".php(", stack_frame, number_after}, leak_detector{" {main}", stack_frame, number_before},
    leak_detector{"[internal function]", stack_frame}, leak_detector{R"(Illuminate\)", stack_frame},
    leak_detector{R"(Symfony\)", stack_frame}, leak_detector{R"(Doctrine\)", stack_frame},
    leak_detector{"PDOException", sql_error},
    // ------------------------------------------------------------------ Go
    leak_detector{"goroutine ", stack_frame, goroutine_after}, leak_detector{".go:", stack_frame, number_after},
    leak_detector{"runtime error: in", stack_frame},  // "index out of range", "invalid memory address", "integer
                                                      // divide"
    leak_detector{"runtime error: slice bounds", stack_frame}, leak_detector{"runtime/debug.Stack", stack_frame},
    // ------------------------------------------------------------------ Ruby
    leak_detector{".rb:", stack_frame, line_of_ruby_after}, leak_detector{".erb:", stack_frame, line_of_ruby_after},
    leak_detector{"undefined method ", stack_frame, quote_after},
    leak_detector{"undefined local variable or method ", stack_frame, quote_after},
    leak_detector{":NilClass", stack_frame}, leak_detector{"ActiveRecord::", stack_frame},
    leak_detector{"ActionController::", stack_frame}, leak_detector{"ActionView::", stack_frame},
    leak_detector{"ActionDispatch::", stack_frame},
    // ------------------------------------------------------------------ Rust
    leak_detector{".rs:", stack_frame, line_and_column_after}, leak_detector{" panicked at ", stack_frame},
    leak_detector{"RUST_BACKTRACE", stack_frame}, leak_detector{"called `Option::", stack_frame},
    leak_detector{"called `Result::", stack_frame},
    // ------------------------------------------------------------------ Elixir, Perl, C++
    leak_detector{".ex:", stack_frame, number_and_colon_after},
    leak_detector{".exs:", stack_frame, number_and_colon_after}, leak_detector{"(elixir ", stack_frame, number_after},
    leak_detector{".pl line ", stack_frame, number_after}, leak_detector{".pm line ", stack_frame, number_after},
    leak_detector{".cpp:", stack_frame, number_after}, leak_detector{".hpp:", stack_frame, number_after},
    leak_detector{"terminate called after throwing", stack_frame},
    // ------------------------------------------------------------------ members of error objects
    leak_detector{R"("stacktrace")", stack_frame, filled_after},
    leak_detector{R"("stackTrace")", stack_frame, filled_after},
    leak_detector{R"("stack_trace")", stack_frame, filled_after},
    leak_detector{R"("traceback")", stack_frame, filled_after},

    // ------------------------------------------------------------------ PostgreSQL
    leak_detector{"SQLSTATE", sql_error}, leak_detector{"syntax error at or near ", sql_error},
    leak_detector{"quoted string at or near ", sql_error}, leak_detector{"violates unique constraint", sql_error},
    leak_detector{"violates foreign key constraint", sql_error},
    leak_detector{"violates not-null constraint", sql_error}, leak_detector{"violates check constraint", sql_error},
    leak_detector{"password authentication failed for user", sql_error},
    leak_detector{"no pg_hba.conf entry", sql_error}, leak_detector{"invalid input syntax for type ", sql_error},
    leak_detector{"current transaction is aborted", sql_error},
    leak_detector{"relation ", sql_error, missing_name_after}, leak_detector{"column ", sql_error, missing_name_after},
    leak_detector{"PG::", sql_error, no_word_before}, leak_detector{"pq: ", sql_error, no_word_before},
    leak_detector{"psycopg", sql_error}, leak_detector{"asyncpg.", sql_error}, leak_detector{"Npgsql", sql_error},
    leak_detector{"org.postgresql", sql_error},
    // ------------------------------------------------------------------ MySQL, MariaDB
    leak_detector{"error in your SQL syntax", sql_error}, leak_detector{"Duplicate entry ", sql_error, key_after},
    leak_detector{"Unknown column ", sql_error, clause_after}, leak_detector{"Table ", sql_error, missing_table_after},
    leak_detector{"Access denied for user ", sql_error}, leak_detector{"a foreign key constraint fails", sql_error},
    leak_detector{"ER_DUP_ENTRY", sql_error}, leak_detector{"ER_PARSE_ERROR", sql_error},
    leak_detector{"ER_NO_SUCH_TABLE", sql_error}, leak_detector{"ER_BAD_FIELD_ERROR", sql_error},
    leak_detector{"ER_ACCESS_DENIED_ERROR", sql_error}, leak_detector{"mysqli_", sql_error},
    leak_detector{"com.mysql.", sql_error}, leak_detector{"pymysql.", sql_error},
    // ------------------------------------------------------------------ SQLite
    leak_detector{"SQLITE_", sql_error, capital_after}, leak_detector{"sqlite3.", sql_error},
    leak_detector{"no such table: ", sql_error}, leak_detector{"no such column: ", sql_error},
    leak_detector{"UNIQUE constraint failed", sql_error}, leak_detector{"NOT NULL constraint failed", sql_error},
    leak_detector{"CHECK constraint failed", sql_error}, leak_detector{"FOREIGN KEY constraint failed", sql_error},
    leak_detector{": syntax error", sql_error, near_before},
    // ------------------------------------------------------------------ Oracle
    leak_detector{"ORA-", sql_error, five_digits_after}, leak_detector{"PLS-", sql_error, five_digits_after},
    leak_detector{"TNS-", sql_error, five_digits_after},
    // ------------------------------------------------------------------ SQL Server
    leak_detector{"Incorrect syntax near ", sql_error}, leak_detector{"Unclosed quotation mark after", sql_error},
    leak_detector{"Invalid column name ", sql_error}, leak_detector{"Invalid object name ", sql_error},
    leak_detector{"[SQL Server]", sql_error}, leak_detector{"Login failed for user ", sql_error},
    leak_detector{"Violation of PRIMARY KEY", sql_error}, leak_detector{"Violation of UNIQUE KEY", sql_error},
    leak_detector{"statement conflicted with the ", sql_error}, leak_detector{"Cannot insert duplicate key", sql_error},
    leak_detector{"Cannot insert the value NULL", sql_error}, leak_detector{"SqlException", sql_error},
    // ------------------------------------------------------------------ MongoDB
    leak_detector{"E11000 duplicate key", sql_error}, leak_detector{"MongoServer", sql_error},
    leak_detector{"MongoError", sql_error}, leak_detector{"MongoNetworkError", sql_error},
    leak_detector{"MongoDB.Driver", sql_error}, leak_detector{"com.mongodb.", sql_error},
    leak_detector{"pymongo.", sql_error}, leak_detector{"Cast to ObjectId failed", sql_error},
    // ------------------------------------------------------------------ what stands between
    leak_detector{"PrismaClient", sql_error}, leak_detector{"Invalid `prisma.", sql_error},
    leak_detector{"SequelizeDatabaseError", sql_error}, leak_detector{"SequelizeConnection", sql_error},
    leak_detector{"QueryFailedError", sql_error}, leak_detector{"sqlalchemy.", sql_error},
    leak_detector{"[SQL: ", sql_error}, leak_detector{"org.hibernate.", sql_error},
    leak_detector{"could not execute statement", sql_error}, leak_detector{"JDBCException", sql_error},
    leak_detector{"jdbc:", sql_error, jdbc_after},

    // ------------------------------------------------------------------ paths
    leak_detector{"/home/", file_path, file_after}, leak_detector{"/Users/", file_path, file_after},
    leak_detector{"/root/", file_path, file_after}, leak_detector{"/srv/", file_path, file_after},
    leak_detector{"/opt/", file_path, file_after}, leak_detector{"/app/", file_path, file_after},
    leak_detector{"/tmp/", file_path, file_after}, leak_detector{"/workspace/", file_path, file_after},
    leak_detector{"/etc/", file_path, path_after}, leak_detector{"/usr/src/", file_path, path_after},
    leak_detector{"/usr/lib/", file_path, path_after}, leak_detector{"/usr/local/", file_path, path_after},
    leak_detector{"/usr/share/", file_path, path_after}, leak_detector{"/var/www/", file_path, path_after},
    leak_detector{"/var/lib/", file_path, path_after}, leak_detector{"/var/log/", file_path, path_after},
    leak_detector{"/var/run/", file_path, path_after}, leak_detector{R"(:\)", file_path, drive_around},
    leak_detector{"file:///", file_path},

    // ------------------------------------------------------------------ inner addresses
    leak_detector{"10.", private_address, three_octets_and_port},
    leak_detector{"127.", private_address, three_octets_and_port},
    leak_detector{"192.168.", private_address, two_octets_and_port},
    leak_detector{"169.254.", private_address, two_octets_and_port},
    leak_detector{"172.", private_address, private_172_and_port},
    leak_detector{"[fc", private_address, rest_of_ipv6_and_port},
    leak_detector{"[fd", private_address, rest_of_ipv6_and_port},
    leak_detector{"[fe80:", private_address, rest_of_ipv6_and_port},
    leak_detector{"[::1", private_address, rest_of_ipv6_and_port},
    leak_detector{"[::ffff:", private_address, rest_of_ipv6_and_port},

    // ------------------------------------------------------------------ secrets
    leak_detector{"://", secret, password_after}, leak_detector{"assword=", secret, connection_string_around},
    leak_detector{"PASSWORD=", secret, connection_string_around},
    leak_detector{"pwd=", secret, connection_string_around}, leak_detector{"Pwd=", secret, connection_string_around},
    leak_detector{"PRIVATE KEY-----", secret}, leak_detector{"AKIA", secret, access_key_after},
    leak_detector{"DATABASE_URL", secret, assigned_after}, leak_detector{"SECRET_KEY", secret, assigned_after},
    leak_detector{"SECRET_ACCESS_KEY", secret, assigned_after},
    leak_detector{"secret_access_key", secret, assigned_after},

    // ------------------------------------------------------------------ pages for developers
    leak_detector{"because you have <code>DEBUG", debug_page},                      // Django
    leak_detector{"Using the URLconf defined in", debug_page},                      // Django
    leak_detector{"__debugger__", debug_page},                                      // Werkzeug
    leak_detector{"Werkzeug Debugger", debug_page},                                 // Flask
    leak_detector{"Action Controller: Exception caught", debug_page},               // Rails
    leak_detector{"Rails.root: ", debug_page},                                      // Rails
    leak_detector{R"(Whoops\)", debug_page},                                        // Laravel, Slim
    leak_detector{"Whitelabel Error Page", debug_page},                             // Spring Boot
    leak_detector{"Apache Tomcat/", debug_page},                                    // Tomcat
    leak_detector{"Powered by Jetty://", debug_page},                               // Jetty
    leak_detector{"Server Error in ", debug_page, application_after},               // ASP.NET
    leak_detector{"An unhandled exception occurred while processing", debug_page},  // ASP.NET Core
    leak_detector{"&nbsp;at ", debug_page},                                         // Express
    leak_detector{"Plug.Debugger", debug_page},                                     // Phoenix
    leak_detector{"__nextjs_original-stack-frame", debug_page},                     // Next.js
    leak_detector{"PHP Version ", debug_page, number_after},                        // phpinfo()
    leak_detector{"<center>nginx/", debug_page, number_after},                      // nginx, with its version
    leak_detector{"<address>Apache/", debug_page, number_after},                    // Apache, with its version
};

constexpr unsigned char first_of(const leak_detector& d) noexcept { return static_cast<unsigned char>(d.literal[0]); }

constexpr auto detectors = [] {
  auto sorted = unordered;
  std::ranges::sort(sorted, {}, first_of);
  return sorted;
}();
static_assert(std::ranges::all_of(detectors, [](const leak_detector& d) {
  return !d.literal.empty() && d.literal.size() <= longest_leak_literal && d.kind != none && d.kind != unreadable;
}));

/// Where the detectors of each first byte begin.
constexpr auto begins = [] {
  std::array<std::uint16_t, 257> out{};
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    while (at < detectors.size() && first_of(detectors[at]) < byte) ++at;
    out[byte] = static_cast<std::uint16_t>(at);
  }
  return out;
}();

}  // namespace

std::span<const leak_detector> detectors_beginning_with(unsigned char first) noexcept {
  return std::span{detectors}.subspan(begins[first], static_cast<std::size_t>(begins[first + 1U] - begins[first]));
}

std::span<const leak_detector> all_detectors() noexcept { return detectors; }

}  // namespace gatehouse::detail::rules
