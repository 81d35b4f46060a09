-- sysbench script: one statement a transaction, made from a template, see template.lua. Option: --statement.
local folder = debug.getinfo(1, "S").source:match("^@?(.*/)")
local compile = dofile(folder .. "template.lua")

sysbench.cmdline.options = { statement = { "Statement, see template.lua", "SELECT 1" } }

local connection, next_statement

function thread_init()
  connection = sysbench.sql.driver():connect()
  next_statement = compile(sysbench.opt.statement, sysbench.rand.uniform)
end

function event()
  connection:query(next_statement())
end

function thread_done()
  connection:disconnect()
end
