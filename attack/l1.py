exec(open('k1.py').read().split('# 1 dirty')[0])
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
r=lambda i,n='Việc':[i,f'{n} {i} của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện']
d=box('l1'); wb=openpyxl.Workbook(); ws=wb.active; [ws.append(x) for x in (H,r(1))]; w=wb.create_sheet('Hai'); [w.append(x) for x in (['STT','Tên nhiệm vụ','Ai đó','Hạn hoàn thành','Trạng thái'],[1,'Việc trang hai','Sở Y tế','01/12/2026','Đang thực hiện'])]; wb.save(d+'/x.xlsx'); show('second sheet lacks lead',d,'x.xlsx')
# same task on two sheets, contradicting
d=box('l2'); wb=openpyxl.Workbook(); ws=wb.active; [ws.append(x) for x in (H,r(1))]; w=wb.create_sheet('Hai'); [w.append(x) for x in (H,[1,'Việc 1 của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/10/2026','Đã hoàn thành'])]; wb.save(d+'/x.xlsx'); show('contradiction between sheets',d,'x.xlsx',cut=2500)
# second table in same sheet below (other header, other column order)
d=box('l3'); xlsx(d+'/x.xlsx',[H,r(1),r(2),[None],['DANH SÁCH 2'],['STT','Tên nhiệm vụ','Đơn vị chủ trì','Người giao','Hạn hoàn thành','Ngày giao','Trạng thái'],[1,'Việc bảng hai','Sở Xây dựng','UBND tỉnh','05/12/2026','01/11/2026','Đang thực hiện']]); show('second table, other order',d,'x.xlsx',cut=2500)
# a shifted row; multi-line lead; several leads in one cell
d=box('l4'); xlsx(d+'/x.xlsx',[H,[1,'Việc 1 của tỉnh','UBND tỉnh','Sở Y tế; Sở Tài chính','01/11/2026','05/11/2026','Đang thực hiện'],[2,'Việc 2 của tỉnh','UBND tỉnh','Các sở, ban, ngành','01/11/2026','05/11/2026','Đang thực hiện'],[3,'Việc 3 của tỉnh','UBND tỉnh','Sở Y tế\nSở Xây dựng','01/11/2026','05/11/2026','Đang thực hiện']]); show('several leads',d,'x.xlsx'); run(d,'detect'); print(q(d,"select rule,subject_id,agency from finding"))
# due with two dates / extension
d=box('l5'); xlsx(d+'/x.xlsx',[H,[1,'Việc 1 của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026\ngia hạn 30/12/2026','Đang thực hiện'],[2,'Việc 2 của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/11/2026','Đang thực hiện (gia hạn)'],[3,'Việc 3','UBND tỉnh','Sở Y tế','10/11/2026','05/11/2026','Đang thực hiện']]); show('ext',d,'x.xlsx',cut=2000)
# STT text in total row w/ number etc: 'Tổng' in name w/o STT ; record name 'Tổng số 5 ...' with lead
d=box('l6'); xlsx(d+'/x.xlsx',[H[1:],['Tổng hợp báo cáo quý','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'],['Tổng số văn bản 2026','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'],['Chủ tịch UBND tỉnh họp','','','01/11/2026','05/12/2026','Đang thực hiện'],['Chỉ tên thôi','','','','','']]); show('totals',d,'x.xlsx')
