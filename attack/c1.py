from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
def imp(n,rows,fn='x.csv',mtime='2026-11-20 08:00',sep=';',**k):
    d=box(n); csv(d+'/'+fn,rows,sep=sep); mt(d+'/'+fn,mtime); p=run(d,'import',fn,show=0); print('-----',n,p.returncode); print(p.stdout[:1800],p.stderr[-500:] if p.returncode else ''); 
    print(q(d,"select t.source_id,v.name,v.lead,v.status,v.assigned_on,v.due_on,v.completed_on from task t join task_version v on v.task_id=t.id and v.until is null")); return d
# group named like a signature, then record without number/lead
imp('c_sign',[H,['1','Việc A','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện'],['Chủ tịch UBND tỉnh giao','','','','','',''],
 ['','Việc B thứ hai','','','01/11/2026','15/11/2026','Đang thực hiện'],['','Việc C','UBND tỉnh','','01/11/2026','15/11/2026','Đang thực hiện']])
# sub-numbering a, b with blank lead
imp('c_sub',[H,['1','Việc A','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện'],
 ['a','Việc A con một','','','01/11/2026','15/11/2026','Đang thực hiện'],['b','Việc A con hai','','','01/11/2026','15/11/2026','Đang thực hiện'],
 ['I','Nhóm','','','','',''],['V','Việc số năm','','','01/11/2026','15/11/2026','Quá hạn']])
# helper rows whose lead row is rejected
H2=['STT','Tên nhiệm vụ','Người giao','Đơn vị xử lý','Vai trò','Ngày giao','Hạn hoàn thành','Trạng thái']
d=imp('c_help',[H2,['1','Việc A','UBND tỉnh','Sở Tài chính','Chủ trì','32/11/2026','15/11/2026','Đang thực hiện'],
 ['2','Việc A','UBND tỉnh','Sở Xây dựng','Phối hợp','01/11/2026','15/11/2026','Đang thực hiện'],
 ['3','Việc A','UBND tỉnh','Sở Y tế','Phối hợp','01/11/2026','15/11/2026','Đang thực hiện']])
# unknown role word
d=imp('c_role',[H2,['1','Việc A','UBND tỉnh','Sở Tài chính','Chủ trì','01/11/2026','15/11/2026','Đang thực hiện'],
 ['2','Việc A','UBND tỉnh','Sở Xây dựng','Theo dõi','01/11/2026','15/11/2026','Đang thực hiện'],['3','Việc A','UBND tỉnh','Sở Y tế','','01/11/2026','15/11/2026','Đang thực hiện']])
